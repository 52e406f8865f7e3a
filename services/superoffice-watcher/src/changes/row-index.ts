// The index in the bucket `superoffice-index`, shared by all replicas. Each write reads the chunk, applies every change that
// waits for it and writes with compare-and-set; a change is a function of the row as it is then, so a replica that lost
// the race applies it again to what the winner wrote. Nothing is cached: another replica may have written.
import { type Bucket, BusError } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';
import { codedError, UnreadableRecord } from '@lockstep/contracts';
import { type DelayBounds, retryDelayMs } from '@lockstep/flow-control';
import {
  type Chunk,
  chunkKey,
  chunkRecord,
  type IndexRow,
  type LaterRows,
  laterRows,
  readChunk,
  writeChunk,
} from './index-chunk.ts';

/** What becomes of a row; the same object means: leave it. */
export type RowChange = (row: IndexRow | undefined) => IndexRow | undefined;

export interface RowIndexOptions {
  readonly bucket: Bucket;
  readonly now: () => number;
  /** Changes that may wait at one time. */
  readonly maxWaiting: number;
  readonly maxAttempts: number;
  /** Before the next try of a write that another replica forestalled. */
  readonly delay: DelayBounds;
  readonly random: () => number;
  readonly onConflict: () => void;
  /**
   * A chunk is damaged and is about to begin empty. Whoever is told arranges that all rows are placed again, before that
   * happens: it is told again if anything goes wrong in between.
   */
  readonly onDamaged: (key: string, reason: string) => Promise<void>;
  /** A newer release wrote a chunk: this one must stop. */
  readonly onNewer: (error: UnreadableRecord) => void;
}

interface ReadChunk {
  readonly chunk: Chunk;
  readonly later: LaterRows;
  readonly revision: number;
}

interface Waiting {
  readonly id: number;
  readonly change: RowChange;
  readonly done: (error?: unknown) => void;
}

export class RowIndex {
  readonly #options: RowIndexOptions;
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;

  constructor(options: RowIndexOptions) {
    this.#options = options;
  }

  /** Throws `BusError` when NATS does not answer. */
  async get(id: number): Promise<IndexRow | undefined> {
    return (await this.#read(chunkKey(id))).chunk.get(id);
  }

  /** The rows of these ids that the index knows; one read a chunk. */
  async getMany(ids: readonly number[]): Promise<Chunk> {
    const found = new Map<number, IndexRow>();
    for (const [key, group] of Map.groupBy(ids, chunkKey)) {
      const { chunk } = await this.#read(key);
      for (const id of group) {
        const row = chunk.get(id);
        if (row !== undefined) found.set(id, row);
      }
    }
    return found;
  }

  /** Resolves when the change is stored. Changes of one chunk share a write. Throws `BusError`. */
  change(id: number, change: RowChange): Promise<void> {
    if (this.#waitingCount >= this.#options.maxWaiting) throw new BusError(codedError('service-busy'));
    const key = chunkKey(id);
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => {
        this.#waitingCount--;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#waitingCount++;
      const queue = this.#waiting.get(key);
      if (queue === undefined) {
        this.#waiting.set(key, [{ id, change, done }]);
        void this.#drain(key);
      } else {
        queue.push({ id, change, done });
      }
    });
  }

  async #drain(key: string): Promise<void> {
    for (;;) {
      // Whatever was asked in the same turn shares the write.
      await Promise.resolve();
      const batch = this.#waiting.get(key) ?? [];
      if (batch.length === 0) {
        this.#waiting.delete(key);
        return;
      }
      this.#waiting.set(key, []);
      try {
        await this.#write(key, batch);
        for (const { done } of batch) done();
      } catch (error) {
        for (const { done } of batch) done(error);
      }
    }
  }

  async #write(key: string, batch: readonly Waiting[]): Promise<void> {
    const { bucket, delay, random, maxAttempts } = this.#options;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const { chunk, later, revision } = await this.#read(key);
      const next = applied(chunk, batch);
      if (next === undefined) return;
      const value = writeChunk(next, Math.floor(this.#options.now() / 1000), later);
      const written = revision === 0 ? await bucket.create(key, value) : await bucket.update(key, value, revision);
      if (written.kind === 'written') return;
      this.#options.onConflict();
      await wait(retryDelayMs(attempt, delay, random));
    }
    throw new BusError(codedError('bus-unavailable', { detail: 'index chunk' }));
  }

  /** Throws `BusError`, and `UnreadableRecord` for a chunk of a newer release. */
  async #read(key: string): Promise<ReadChunk> {
    const { bucket } = this.#options;
    const entry = await bucket.getBytes(key);
    if (entry === undefined) return { chunk: new Map(), later: new Map(), revision: 0 };
    const reading = chunkRecord.read(entry.value);
    if (reading.kind === 'newer') {
      const error = new UnreadableRecord(chunkRecord.name, key, reading);
      this.#options.onNewer(error);
      throw error;
    }
    if (reading.kind === 'ok')
      return { chunk: readChunk(reading.value), later: laterRows(reading.value), revision: entry.revision };
    await this.#options.onDamaged(key, reading.reason);
    const empty = writeChunk(new Map(), Math.floor(this.#options.now() / 1000));
    const written = await bucket.update(key, empty, entry.revision);
    if (written.kind === 'conflict') return this.#read(key);
    return { chunk: new Map(), later: new Map(), revision: written.revision };
  }
}

/** Undefined when no change changes anything. */
function applied(chunk: Chunk, batch: readonly Waiting[]): Chunk | undefined {
  const next = new Map(chunk);
  let changed = false;
  for (const { id, change } of batch) {
    const before = next.get(id);
    const after = change(before);
    if (after === before) continue;
    changed = true;
    if (after === undefined) next.delete(id);
    else next.set(id, after);
  }
  return changed ? next : undefined;
}
