// X-SuperOffice-Signature: base64 of HMAC-SHA256 over the raw bytes of the body, keyed by the UTF-8 bytes of the secret.
// Over the raw bytes: JSON that was parsed and written again has another signature.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** True when the signature is that of these bytes. Takes the same time for every wrong one. */
export function signatureMatches(secret: string, rawBody: Uint8Array, signature: string | undefined): boolean {
  const expected = createHmac('sha256', Buffer.from(secret, 'utf8')).update(rawBody).digest();
  const given = Buffer.from(signature ?? '', 'base64');
  // Lengths are public: every correct signature has 32 bytes.
  return given.length === expected.length && timingSafeEqual(given, expected);
}
