// When the snapshot is written: every few seconds if something changed, and at the end.
import type { Simulator } from './simulator.ts';
import { writeSnapshot } from './store/snapshot.ts';

export class Snapshots {
  readonly #simulator: Simulator;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  #written = -1;
  #running: Promise<void> | undefined;

  constructor(simulator: Simulator, file: string, intervalMs: number) {
    this.#simulator = simulator;
    this.#file = file;
    this.#timer = setInterval(() => this.#tick(), intervalMs);
    this.#timer.unref();
  }

  #tick(): void {
    if (this.#running !== undefined || this.#written === this.#simulator.revision) return;
    this.#running = this.#write()
      .catch((error: unknown) => process.emitWarning(`The snapshot could not be written: ${String(error)}`))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #write(): Promise<void> {
    const revision = this.#simulator.revision;
    await writeSnapshot(this.#simulator, this.#file);
    this.#written = revision;
  }

  /** Waits for the one that is being written, then writes the last. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#write();
  }
}
