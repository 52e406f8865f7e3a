// Notices that the storage of our nats-server has stopped answering, as it does after its disk was full, and has the server
// started again as soon as there is room: nothing else brings it back. A server that merely cannot be reached is left alone:
// it may be recovering a large store, or stand still, and goes on by itself.
import { statfsSync } from 'node:fs';
import { type Bus, BusError, connect } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';

export interface NatsWatchOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A folder on the disk that it stores on. */
  readonly folder: string;
  readonly restart: () => void;
  readonly timings?: NatsWatchTimings;
}

export interface NatsWatchTimings {
  /** The delay between two questions. */
  readonly everyMs: number;
  /** Below the time in which a connection that is not answered counts as lost. */
  readonly answerWithinMs: number;
  /** Longer than a slow disk makes a living server wait. */
  readonly silentMs: number;
}

const standardTimings: NatsWatchTimings = { everyMs: 5_000, answerWithinMs: 4_000, silentMs: 25_000 };
/** A server started with less would fail again at its first write. */
const roomBytes = 8 * 1024 * 1024;

export class NatsWatch {
  readonly #options: NatsWatchOptions;
  readonly #timings: NatsWatchTimings;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #bus: Bus | undefined;
  /** Since when this server has not answered. */
  #silent: { readonly serverId: string; readonly sinceMs: number } | undefined;

  constructor(options: NatsWatchOptions) {
    this.#options = options;
    this.#timings = options.timings ?? standardTimings;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#bus?.drain(0);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#look();
      await wait(this.#timings.everyMs, this.#stopping.signal);
    }
    await this.#bus?.drain(0);
  }

  async #look(): Promise<void> {
    const { url, user, password, folder, restart } = this.#options;
    try {
      this.#bus ??= await connect({ url, user, password, name: 'npm start' });
    } catch (error) {
      if (error instanceof BusError) return;
      throw error;
    }
    const serverId = this.#bus.serverId();
    const state = await this.#bus.storageState(this.#timings.answerWithinMs);
    if (state === 'unreachable') return;
    if (state === 'answers') this.#silent = undefined;
    else if (this.#silent?.serverId !== serverId) this.#silent = { serverId, sinceMs: performance.now() };
    if (this.#silent === undefined || performance.now() - this.#silent.sinceMs < this.#timings.silentMs) return;
    if (this.#stopping.signal.aborted || !hasRoom(folder)) return;
    this.#silent = undefined;
    restart();
  }
}

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= roomBytes;
}
