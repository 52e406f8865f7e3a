// Who may use the API: the holder of the administrator token. Only its SHA-256 is stored or kept in memory, and tokens are
// compared by their hashes in constant time. Without a stored hash nobody is admitted.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Bucket } from '@lockstep/bus';
import { AdministratorRecord, SettingsRecord, settingsKeys } from '@lockstep/contracts';
import { instantOf, record } from './record.ts';

const Stored = SettingsRecord(AdministratorRecord);
const maxAttempts = 5;

export class Administrator {
  readonly #bucket: Bucket;
  readonly #now: () => number;
  #hash: Buffer | undefined;

  constructor(bucket: Bucket, now: () => number) {
    this.#bucket = bucket;
    this.#now = now;
  }

  /** True when the API can be used at all. */
  get isSet(): boolean {
    return this.#hash !== undefined;
  }

  admits(token: string): boolean {
    return this.#hash !== undefined && timingSafeEqual(this.#hash, sha256(token));
  }

  /** Takes over the stored hash. */
  async refresh(): Promise<void> {
    const entry = await this.#bucket.get(settingsKeys.administrator, Stored);
    this.#hash = entry === undefined ? undefined : hashOf(entry.value.value.tokenSha256);
  }

  /** Stores the hash of a token that the environment gave. Returns the new revision, undefined when it was stored already. */
  async install(token: string): Promise<number | undefined> {
    const hash = sha256(token);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const entry = await this.#bucket.get(settingsKeys.administrator, Stored);
      const stored = entry === undefined ? undefined : hashOf(entry.value.value.tokenSha256);
      this.#hash = hash;
      if (stored !== undefined && timingSafeEqual(stored, hash)) return undefined;
      const value = record({ v: 1, tokenSha256: hash.toString('hex') }, 'environment', instantOf(this.#now()));
      const written =
        entry === undefined
          ? await this.#bucket.create(settingsKeys.administrator, value)
          : await this.#bucket.update(settingsKeys.administrator, value, entry.revision);
      if (written.kind === 'written') return written.revision;
    }
    throw new Error('the administrator token could not be stored: other processes keep storing theirs');
  }
}

const sha256 = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/** A damaged hash admits nobody. */
function hashOf(hex: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}
