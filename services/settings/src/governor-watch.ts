// Remembers what the governor said last. It speaks every second; older words are shown with their age, not as the present.
import type { Bus, Stoppable } from '@lockstep/bus';
import { governor } from '@lockstep/contracts';

export interface HeardState {
  readonly state: governor.GovernorState;
  readonly heardAt: number;
}

export class GovernorWatch {
  readonly #now: () => number;
  #heard: HeardState | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  listen(bus: Bus): Promise<Stoppable> {
    return bus.listen(governor.governorState, (state) => {
      this.#heard = { state, heardAt: this.#now() };
    });
  }

  /** Undefined until the governor has spoken. */
  heard(): HeardState | undefined {
    return this.#heard;
  }
}
