// Whether certificates and keys that an administrator pastes are what they should be. What is refused is never repeated in the message:
// it may be a private key.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** More than a chain of authorities and some that are being replaced; the bound of the text allows about as many. */
const maxAuthorities = 50;
const certificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Why this text is no list of authorities, as the rest of a sentence; undefined when it is one, or empty. */
export function authoritiesFault(pem: string): string | undefined {
  if (pem.trim() === '') return undefined;
  const read = certificatesIn(pem);
  if (typeof read === 'string') return read;
  return read.length > maxAuthorities ? `must hold at most ${maxAuthorities} certificates` : undefined;
}

/** Why this text is not the certificate of an application. */
export function applicationCertificateFault(pem: string): string | undefined {
  if (pem.trim() === '') return undefined;
  const read = certificatesIn(pem);
  if (typeof read === 'string') return read;
  if (read.length !== 1) return 'must hold exactly one certificate';
  return read[0]?.publicKey.asymmetricKeyType === 'rsa' ? undefined : 'must have an RSA key';
}

/** Why this text is not the private key of that certificate. */
export function privateKeyFault(pem: string, certificatePem: string): string | undefined {
  const key = privateKeyIn(pem);
  if (key === undefined) return 'must be a private key as PEM text without a pass phrase (BEGIN PRIVATE KEY …)';
  const read = certificatesIn(certificatePem);
  if (typeof read === 'string' || read[0] === undefined)
    return 'needs oauthCertificate filled before or together with it';
  return read[0].checkPrivateKey(key) ? undefined : 'does not belong to oauthCertificate';
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's reasons name its own internals; that it is no key is all that helps.
    return undefined;
  }
}

function certificatesIn(pem: string): readonly X509Certificate[] | string {
  if (/BEGIN [A-Z ]*PRIVATE KEY/.test(pem)) return 'must hold certificates only; a private key does not belong there';
  const found = pem.match(certificate) ?? [];
  if (found.length === 0) return 'must be certificates as PEM text (BEGIN CERTIFICATE …)';
  if (/-----BEGIN/.test(pem.replace(certificate, ''))) return 'ends in the middle of a certificate';
  try {
    return found.map((each) => new X509Certificate(each));
  } catch {
    // Which one is damaged cannot be said better than by pasting them one by one.
    return 'holds a certificate that cannot be read';
  }
}
