// One stream over the subscriptions of a group, while it is held. When others are to be covered a newer one is opened over it: the
// server then ends this one, and what it told until then has come, so that nobody has to be asked what was missed.
import { endsWithin } from '@lockstep/bus/wait';
import type { MailboxKey } from '@lockstep/contracts';
import type { HoldWish, SubscriptionId, Watch, WatchEnd } from '../backend.ts';
import { linkedAbort } from '../tokens/linked-abort.ts';

export type Covered = ReadonlyMap<SubscriptionId, MailboxKey>;

export class HeldStream {
  readonly covered: Covered;
  /** Never rejects but for a defect. */
  readonly ended: Promise<WatchEnd>;
  /** The server may send on this one what it no longer sends on an older one, even if nothing of it has come yet. */
  tookOver = false;
  readonly #closing = new AbortController();
  #end: WatchEnd | undefined;

  constructor(watch: Watch, covered: Covered, wish: Pick<HoldWish, 'correlationId' | 'signal' | 'onEvents'>) {
    this.covered = covered;
    const link = linkedAbort(wish.signal, this.#closing.signal);
    const held = watch.hold({ ...wish, subscriptionIds: [...covered.keys()], signal: link.signal });
    this.ended = held
      .then((end) => {
        this.#end = end;
        return end;
      })
      .finally(() => link.unlink());
  }

  /** Undefined while it is held. */
  get end(): WatchEnd | undefined {
    return this.#end;
  }

  /** True when we closed it: nothing has to be waited for. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  /**
   * Waits until the server has ended this one for the newer one, at most `withinMs`; then it is closed. False when the newer one
   * never stood: then this one is still held, if it has not ended by itself.
   */
  async handOverTo(newer: HeldStream, withinMs: number): Promise<boolean> {
    await endsWithin(withinMs, Promise.race([this.ended, newer.ended]));
    if (newer.end !== undefined && !newer.end.stood) return false;
    newer.tookOver = true;
    this.close();
    await this.ended;
    return true;
  }

  /** Whether events may have been lost with its end: they leave the server's queue when they are sent. */
  mayHaveLost(end: WatchEnd, handedOver: boolean): boolean {
    return (end.stood || this.tookOver) && !end.clean && !(handedOver && end.superseded === true);
  }
}
