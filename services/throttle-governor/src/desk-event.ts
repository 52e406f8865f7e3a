// What goes into the token desk and what comes out of it.
import type { CodedError, governor, Outcome, Priority, ReplyOf, RequestId, RequestOf } from '@lockstep/contracts';
import type { Limits, Token } from '@lockstep/flow-control';

export type Ask = RequestOf<typeof governor.acquire>;
export type Granted = ReplyOf<typeof governor.acquire>;
export type Released = RequestOf<typeof governor.release>;
export type Heartbeat = RequestOf<typeof governor.heartbeat>;
export type HeartbeatReply = ReplyOf<typeof governor.heartbeat>;

/** What the settings say of throttling. */
export interface DeskLimits extends Limits {
  /** Calls are spaced while Exchange answers slowly. */
  readonly highServerLoad: boolean;
}

/** Why a token left the count without being given back. */
export type FreedReason = 'session-ended' | 'not-reported' | 'undelivered' | 'cancelled';

export interface TokenMoved {
  readonly token: Token;
  /** The limit of the token's pool, and how many of that pool are out after this event. */
  readonly limit: number;
  readonly out: number;
}

export type DeskEvent =
  | { readonly kind: 'answer'; readonly requestId: RequestId; readonly outcome: Outcome<Granted> }
  | (TokenMoved & { readonly kind: 'granted'; readonly priority: Priority; readonly waitedMs: number })
  | (TokenMoved & { readonly kind: 'adopted' | 'released' })
  | (TokenMoved & { readonly kind: 'freed'; readonly reason: FreedReason })
  | { readonly kind: 'state-changed' };

/** In the order in which the governor grants. */
export const priorities: readonly Priority[] = ['person', 'change', 'sweep', 'first-load'];

/** Ends of calls that say how long Exchange takes; a busy answer comes at once, and a broken connection is none. */
export const answered: ReadonlySet<Released['outcome']> = new Set(['ok', 'refused', 'timeout']);

export function refused(requestId: RequestId, error: CodedError): DeskEvent {
  return { kind: 'answer', requestId, outcome: { ok: false, error } };
}
