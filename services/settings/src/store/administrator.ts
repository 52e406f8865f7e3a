// Who may use the API: the holder of the administrator token. Only its SHA-256 is stored or kept in memory, and tokens are
// compared by their hashes in constant time. Without a stored hash nobody is admitted.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Bucket } from '@lockstep/bus';
import { administratorRecord, settingsKeys, settingsRecord } from '@lockstep/contracts';
import { maxWriteAttempts } from '../config.ts';
import { instantOf, lyingAt, put } from './record.ts';

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

  /** Takes over the stored hash. A damaged one admits nobody. */
  async refresh(): Promise<void> {
    const lying = await this.#lying();
    this.#hash = lying.kind === 'value' ? Buffer.from(lying.at.settings.tokenSha256, 'hex') : undefined;
  }

  /** Stores the hash of a token that the environment gave, also over a damaged one. Returns the new revision, undefined when it was stored already. */
  async install(token: string): Promise<number | undefined> {
    const hash = sha256(token);
    for (let attempt = 0; attempt < maxWriteAttempts; attempt++) {
      const lying = await this.#lying();
      this.#hash = hash;
      const tokenSha256 = hash.toString('hex');
      if (lying.kind === 'value' && lying.at.settings.tokenSha256 === tokenSha256) return undefined;
      const value = settingsRecord(
        { v: administratorRecord.version, tokenSha256 },
        'environment',
        instantOf(this.#now()),
      );
      const revision = lying.kind === 'nothing' ? 0 : lying.kind === 'value' ? lying.at.revision : lying.revision;
      const written = await put(this.#bucket, settingsKeys.administrator, value, revision);
      if (written !== undefined) return written;
    }
    throw new Error('the administrator token could not be stored: other processes keep storing theirs');
  }

  #lying() {
    return lyingAt(this.#bucket, settingsKeys.administrator, administratorRecord);
  }
}

const sha256 = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();
