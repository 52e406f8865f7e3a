// What is being worked on or waits in a queue, by partition: a partition is handed over when nothing of it is in hand.
import type { Owned } from '@lockstep/service-kit';

export class InHand {
  readonly #counts = new Map<Owned, { count: number; readonly waiting: (() => void)[] }>();

  begin(owned: Owned): void {
    const entry = this.#counts.get(owned) ?? { count: 0, waiting: [] };
    entry.count++;
    this.#counts.set(owned, entry);
  }

  end(owned: Owned): void {
    const entry = this.#counts.get(owned);
    if (entry === undefined || --entry.count > 0) return;
    this.#counts.delete(owned);
    for (const wake of entry.waiting) wake();
  }

  /** Ends when nothing of the partition is in hand, and after `withinMs` at the latest. */
  async idle(owned: Owned, withinMs: number): Promise<void> {
    const entry = this.#counts.get(owned);
    if (entry === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      entry.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
