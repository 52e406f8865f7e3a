// Until when a change of a partition was handed back for longer than a retry is ever delayed. When the settings change such
// a pause may have lost its reason.
import type { Owned } from '@lockstep/service-kit';

export class LongPauses {
  readonly #until = new Map<Owned, number>();

  note(owned: Owned, until: number): void {
    this.#until.set(owned, Math.max(until, this.#until.get(owned) ?? until));
  }

  /** True once while such a pause lasts. */
  take(owned: Owned, now: number): boolean {
    const until = this.#until.get(owned);
    this.#until.delete(owned);
    return until !== undefined && until > now;
  }

  drop(owned: Owned): void {
    this.#until.delete(owned);
  }
}
