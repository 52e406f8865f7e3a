// Opens the sealed secrets of Exchange with the private key that only the gateways have. What it may be used for stands in the
// protected header, written by the settings service: another account, authentication or host is refused, so that nobody who can
// change the address alone can send a secret elsewhere.
import { readFile } from 'node:fs/promises';
import {
  exchangePurpose,
  failure,
  hostAndPort,
  type Outcome,
  purposeCovers,
  SealedPurpose,
  type SealedSecret,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import { type CryptoKey, compactDecrypt, importJWK } from 'jose';
import { Value } from 'typebox/value';

/** Key agreement and encryption that the settings service seals with. */
export const sealing = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const;

/** The password for exactly this URL. Fails as `openSecret` does. */
export function openPassword(
  sealed: SealedSecret,
  settings: TechnicalSettings,
  url: string,
  keyFile: string | undefined,
): Promise<Outcome<string>> {
  return openSecret(sealed, exchangePurpose(settings), url, keyFile);
}

/** A secret that is used for all of `wanted` and goes to exactly this URL. Fails with `credential-unreadable` or `credential-host-mismatch`. */
export async function openSecret(
  sealed: SealedSecret,
  wanted: SealedPurpose,
  url: string,
  keyFile: string | undefined,
): Promise<Outcome<string>> {
  const opened = await decrypted(sealed.jwe, keyFile);
  if (opened === undefined) return failure('credential-unreadable');
  const host = hostAndPort(url);
  if (host === undefined || !opened.purpose.hosts.includes(host) || !purposeCovers(opened.purpose, wanted)) {
    return failure('credential-host-mismatch');
  }
  return success(opened.secret);
}

async function decrypted(jwe: string, keyFile: string | undefined) {
  if (keyFile === undefined) return undefined;
  try {
    const key = (await importJWK(JSON.parse(await readFile(keyFile, 'utf8')), sealing.alg)) as CryptoKey;
    const limits = { keyManagementAlgorithms: [sealing.alg], contentEncryptionAlgorithms: [sealing.enc] };
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, key, limits);
    const purpose: unknown = protectedHeader['purpose'];
    if (!Value.Check(SealedPurpose, purpose)) return undefined;
    return { purpose, secret: new TextDecoder().decode(plaintext) };
  } catch {
    // A missing file, another key or a damaged seal: the error table tells the administrator to look at both. The cause is not
    // passed on, since libraries quote what they could not read.
    return undefined;
  }
}
