// Whether the endpoint takes requests at all: connections refused, or 503 from what stands before Exchange. While it does not, each
// attempt that fails doubles the delay, and after the delay one call alone tries again for all: a server that comes up is not met by
// everybody at once, and one stray 503 costs a second. A pause of the endpoint that another gateway was told ends the same way.
import { type DelayBounds, doubledMs } from '@lockstep/flow-control';

export interface AvailabilityBounds extends DelayBounds {
  /** How long the others wait for the call that tries; then the next one tries, too, since a call may be slow by itself. */
  readonly probeMs: number;
}

export type TryAgain =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly delayMs: number }
  /** Another call tries; ask again when it has ended, or after so long. */
  | { readonly kind: 'waits'; readonly ended: Promise<void>; readonly atMostMs: number }
  /** This call tries for all; `leave` has to be called when it has ended, however it did. */
  | { readonly kind: 'probe'; readonly leave: () => void };

export class Availability {
  readonly #bounds: AvailabilityBounds;
  readonly #monotonic: () => number;
  #failuresInARow = 0;
  #opensAt = Number.NEGATIVE_INFINITY;
  #probe: Probe | undefined;

  constructor(bounds: AvailabilityBounds, monotonic: () => number) {
    this.#bounds = bounds;
    this.#monotonic = monotonic;
  }

  /** How long nobody tries; at least 1, so that it is a delay. */
  get delayMs(): number {
    return Math.max(1, Math.ceil(this.#opensAt - this.#monotonic()));
  }

  /** Whether a call may be sent now. */
  enter(): TryAgain {
    if (this.#failuresInARow === 0) return { kind: 'open' };
    const now = this.#monotonic();
    if (now < this.#opensAt) return { kind: 'closed', delayMs: this.delayMs };
    const trying = this.#probe;
    if (trying !== undefined && now < trying.countsUntilAt) {
      return { kind: 'waits', ended: trying.end.promise, atMostMs: Math.ceil(trying.countsUntilAt - now) };
    }
    const probe = { end: Promise.withResolvers<void>(), countsUntilAt: now + this.#bounds.probeMs };
    this.#probe = probe;
    return { kind: 'probe', leave: () => this.#end(probe) };
  }

  /** A call could not be served. Calls that fail together count once. */
  failed(): void {
    const now = this.#monotonic();
    if (now < this.#opensAt) return;
    this.#failuresInARow++;
    this.#opensAt = now + doubledMs(this.#failuresInARow, this.#bounds);
  }

  /** The endpoint pauses for so long, as somebody was told. Said again while it lasts. */
  told(pauseMs: number): void {
    this.#failuresInARow = Math.max(1, this.#failuresInARow);
    this.#opensAt = Math.max(this.#opensAt, this.#monotonic() + pauseMs);
  }

  /** A call was answered, or another server stands there now: nobody has to wait for a probe. */
  recovered(): void {
    this.#failuresInARow = 0;
    this.#opensAt = Number.NEGATIVE_INFINITY;
    this.#end(this.#probe);
  }

  #end(probe: Probe | undefined): void {
    if (this.#probe === probe) this.#probe = undefined;
    probe?.end.resolve();
  }
}

interface Probe {
  readonly end: PromiseWithResolvers<void>;
  readonly countsUntilAt: number;
}
