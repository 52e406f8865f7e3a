// Opens the sealed password. What it may be used for stands in the protected header and is compared before the secret
// is handed out: a changed host or account must bring its secret along, or a redirected address would harvest it.
import { readFile } from 'node:fs/promises';
import {
  failure,
  hostAndPort,
  type Outcome,
  purposeCovers,
  SealedPurpose,
  type SuperOfficeSettings,
  success,
  superofficePurpose,
} from '@lockstep/contracts';
import { compactDecrypt, importJWK, type JWK } from 'jose';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

const KeyFile = Compile(
  Type.Object({
    kty: Type.Literal('EC'),
    crv: Type.Literal('P-256'),
    x: Type.String(),
    y: Type.String(),
    d: Type.String({ minLength: 1 }),
  }),
);
const Purpose = Compile(SealedPurpose);

/** The private key of this service: it opens credentials and is what the webhook secret is made from. */
export interface PrivateKey {
  readonly jwk: JWK;
  /** The key's own bytes, free of how the file is laid out. */
  readonly bytes: Uint8Array;
}

/** Reads an EC P-256 private key as JWK. Throws when the file is missing or holds something else: a service without it is useless. */
export async function readPrivateKey(path: string): Promise<PrivateKey> {
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!KeyFile.Check(parsed)) throw new Error(`${path} holds no EC P-256 private key as JWK`);
  return { jwk: { ...parsed, alg: 'ECDH-ES+A256KW' }, bytes: Buffer.from(parsed.d, 'base64url') };
}

/** The password of these settings, if it was sealed for this account, authentication and address. */
export async function openPassword(settings: SuperOfficeSettings, key: PrivateKey): Promise<Outcome<string>> {
  if (settings.password === undefined) return failure('credential-missing');
  const opened = await open(settings.password.jwe, key);
  if (opened === undefined) return failure('credential-unreadable');
  const address = hostAndPort(settings.baseUrl);
  const covered = purposeCovers(opened.purpose, superofficePurpose(settings));
  if (!covered || address === undefined || !opened.purpose.hosts.includes(address)) {
    return failure('credential-host-mismatch');
  }
  return success(opened.password);
}

async function open(jwe: string, key: PrivateKey) {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(key.jwk), {
      keyManagementAlgorithms: ['ECDH-ES+A256KW'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const purpose: unknown = protectedHeader['purpose'];
    if (!Purpose.Check(purpose)) return undefined;
    return { password: Buffer.from(plaintext).toString('utf8'), purpose };
  } catch {
    // Another key, a damaged text or another algorithm: the caller is told that it cannot be opened, never why.
    return undefined;
  }
}
