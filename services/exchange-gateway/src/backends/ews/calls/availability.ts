// Whether the endpoint takes requests at all: connections refused, or 503 from what stands before Exchange. While it does not, each
// attempt that fails doubles the delay, and after the delay one call alone tries again for all: a server that comes up is not met by
// everybody at once, and one stray 503 costs a second.
import { type DelayBounds, doubledMs } from '@lockstep/flow-control';

export type TryAgain =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly delayMs: number }
  /** Another call tries; ask again when it has ended. */
  | { readonly kind: 'waits'; readonly ended: Promise<void> }
  /** This call tries for all; `leave` has to be called when it has ended, however it did. */
  | { readonly kind: 'probe'; readonly leave: () => void };

export class Availability {
  readonly #bounds: DelayBounds;
  readonly #monotonic: () => number;
  #failuresInARow = 0;
  #opensAt = Number.NEGATIVE_INFINITY;
  #probe: PromiseWithResolvers<void> | undefined;

  constructor(bounds: DelayBounds, monotonic: () => number) {
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
    if (this.#monotonic() < this.#opensAt) return { kind: 'closed', delayMs: this.delayMs };
    if (this.#probe !== undefined) return { kind: 'waits', ended: this.#probe.promise };
    const probe = Promise.withResolvers<void>();
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

  /** A call was answered, or another server stands there now: nobody has to wait for a probe. */
  recovered(): void {
    this.#failuresInARow = 0;
    this.#opensAt = Number.NEGATIVE_INFINITY;
    this.#end(this.#probe);
  }

  #end(probe: PromiseWithResolvers<void> | undefined): void {
    if (this.#probe === probe) this.#probe = undefined;
    probe?.resolve();
  }
}
