// Seals a secret for the one service that uses it (docs/architecture.md §8). This service has public keys only: what it sealed it cannot
// open. The purpose stands in the protected header, so that it cannot be changed without breaking the seal.
import { readFile } from 'node:fs/promises';
import {
  type CodedError,
  codedError,
  type Outcome,
  SealedPurpose,
  type SealedSecret,
  success,
} from '@lockstep/contracts';
import {
  CompactEncrypt,
  type CryptoKey,
  calculateJwkThumbprint,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose';
import { Value } from 'typebox/value';

const alg = 'ECDH-ES+A256KW';
const enc = 'A256GCM';

/** A public key file: the variable that names it, and its path when that variable is set. */
export interface PublicKeyFile {
  readonly variable: string;
  readonly path: string | undefined;
}

/** The public key of one service. The file is read for each sealing, so that a renewed key takes effect at once. */
export class Sealer {
  readonly #file: PublicKeyFile;

  constructor(file: PublicKeyFile) {
    this.#file = file;
  }

  /** Seals `secret` for `purpose`. Fails with `sealing-key-missing` when there is no usable public key. */
  async seal(secret: string, purpose: SealedPurpose, changedAt: string): Promise<Outcome<SealedSecret>> {
    const loaded = await this.#load();
    if (!loaded.ok) return loaded;
    const { key, thumbprint } = loaded.value;
    const jwe = await new CompactEncrypt(new TextEncoder().encode(secret))
      .setProtectedHeader({ alg, enc, kid: thumbprint, purpose })
      .encrypt(key);
    return success({ jwe, changedAt });
  }

  async #load(): Promise<Outcome<{ readonly key: CryptoKey; readonly thumbprint: string }>> {
    const { path, variable } = this.#file;
    if (path === undefined) return { ok: false, error: keyMissing(`${variable} is not set`) };
    try {
      const { kty, crv, x, y }: JWK = JSON.parse(await readFile(path, 'utf8'));
      if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
        return { ok: false, error: keyMissing(`${variable}: the file holds no EC P-256 key`) };
      // The public members only: a private key that was put here by mistake is not used as one.
      const publicKey = { kty, crv, x, y };
      const key = await importJWK(publicKey, alg);
      if (key instanceof Uint8Array) throw new TypeError('an EC key was expected');
      return success({ key, thumbprint: await calculateJwkThumbprint(publicKey) });
    } catch (error) {
      // The reason is told without the content: a wrong file may hold a secret.
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is no JWK';
      return { ok: false, error: keyMissing(`${variable}: the file cannot be used: ${reason}`) };
    }
  }
}

/** What a sealed secret was sealed for, or undefined when that cannot be read. It is not authenticated here. */
export function sealedPurpose(secret: SealedSecret): SealedPurpose | undefined {
  try {
    const { purpose } = decodeProtectedHeader(secret.jwe);
    return Value.Check(SealedPurpose, purpose) ? purpose : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const keyMissing = (detail: string): CodedError => codedError('sealing-key-missing', { detail });
