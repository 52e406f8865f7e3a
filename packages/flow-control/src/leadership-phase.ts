// What a new leader may do. It knows nothing of the tokens that its predecessor granted, so for as long as a silent session may
// still use one it only counts what sessions report; after that every token is either reported or dead.

export type Phase = 'counting' | 'granting';

/** The phases of one leadership. Pure: time is passed in as monotonic milliseconds. */
export class LeadershipPhase {
  readonly #grantsFromMs: number;

  constructor(startedMs: number, countingMs: number) {
    this.#grantsFromMs = startedMs + countingMs;
  }

  at(nowMs: number): Phase {
    return nowMs < this.#grantsFromMs ? 'counting' : 'granting';
  }

  /** Until the first grant; 0 when granting. */
  countingLeftMs(nowMs: number): number {
    return Math.max(0, this.#grantsFromMs - nowMs);
  }
}
