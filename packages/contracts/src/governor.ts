// The token protocol between the gateways and the leading throttle-governor (docs/architecture.md §5).
// No EWS request leaves a gateway without a token; a token belongs to the session of one gateway process. Every leader hears a
// heartbeat, and its reply names the epoch; everything else is asked of the leader of that epoch alone, so that one that hangs or
// was deposed gets nothing.
import { Type } from 'typebox';
import { RequestId, SessionId, TokenId } from './ids.ts';
import { broadcast, operation } from './operation.ts';
import { Priority } from './priority.ts';
import { type Data, DurationMs } from './shape.ts';

/** Timings of the protocol; the reasons stand in docs/architecture.md §5. Only tests pass others. */
export const governorTimings = {
  heartbeatEveryMs: 2_000,
  /** Counted by the gateway from the sending of the last answered heartbeat. */
  sessionValidMs: 6_000,
  /** Counted by the governor from when it last heard from the session; also how long a new leader only counts. */
  sessionFreedMs: 10_000,
  /**
   * The same for a session whose process may only stand still: it may have sent a request as long as its session was valid, and
   * Exchange may work on that for as long as a call may last.
   */
  frozenFreedMs: 106_000,
  /** The longest pause that an answer of Exchange may ask for; what a damaged one says beyond it is cut by whoever obeys. */
  longestPauseMs: 3_600_000,
} as const;

/** Fills the subject of what is asked of one leader. */
export const ofEpoch = (epoch: number): { readonly tokens: readonly [string] } => ({ tokens: [String(epoch)] });

/** `call`: an ordinary request. `stream`: a streaming connection, which has a limit of its own for each anchor. */
export const TokenPool = Type.Union([Type.Literal('call'), Type.Literal('stream')]);
export type TokenPool = Data<typeof TokenPool>;

/** Who pays for a call and therefore pauses when Exchange asks: one mailbox, the account, or everybody. */
export const BackOffScope = Type.Union([
  Type.Object({ kind: Type.Literal('mailbox'), mailbox: Type.String() }),
  Type.Object({ kind: Type.Literal('account') }),
  Type.Object({ kind: Type.Literal('endpoint') }),
]);
export type BackOffScope = Data<typeof BackOffScope>;

/** A token that is out. `ageMs` is counted from the grant. */
export const HeldToken = Type.Object({ token: TokenId, pool: TokenPool, payer: Type.String(), ageMs: DurationMs });
export type HeldToken = Data<typeof HeldToken>;

export const ActiveBackOff = Type.Object({ scope: BackOffScope, remainingMs: DurationMs });
export type ActiveBackOff = Data<typeof ActiveBackOff>;

/** How many pauses a heartbeat tells at most; as many as the governor keeps. */
export const maxToldBackOffs = 2_000;

/**
 * Opens or renews a session. `held` is everything that the gateway has out, so that a new leader can count it. `backOffs` are the
 * pauses that it knows, told until the leader grants: a new leader knows none, and a gateway that starts now asks only the leader.
 */
export const heartbeat = operation(
  'governor.heartbeat',
  Type.Object({
    sessionId: SessionId,
    gatewayId: Type.String(),
    /** By which the NATS server tells the end of this process; absent where it does not. */
    presence: Type.Optional(Type.String()),
    held: Type.Array(HeldToken),
    backOffs: Type.Optional(Type.Array(ActiveBackOff, { maxItems: maxToldBackOffs })),
  }),
  Type.Object({
    epoch: Type.Integer(),
    /** `counting`: a new leader, which grants nothing yet. */
    phase: Type.Union([Type.Literal('counting'), Type.Literal('granting')]),
    backOffs: Type.Array(ActiveBackOff),
  }),
);

/**
 * Asks for one token and is answered when it is granted, refused, or no time is left. The same `requestId` asked again
 * gets the same token. `payer` is the mailbox key with impersonation, `account` with delegation; `mailbox` is the mailbox key
 * in both, among which is shared fairly.
 */
export const acquire = operation(
  'governor.*.acquire',
  Type.Object({
    requestId: RequestId,
    sessionId: SessionId,
    pool: TokenPool,
    payer: Type.String(),
    mailbox: Type.Optional(Type.String()),
    priority: Priority,
    /** The name of the operation, for fairness by cost and for metrics. */
    operation: Type.String(),
  }),
  Type.Object({ token: TokenId, epoch: Type.Integer(), limit: Type.Integer() }),
);

/** How a call ended. `unsent`: the token was given back without a byte sent, which is no latency sample. */
export const CallOutcome = Type.Union([
  Type.Literal('ok'),
  Type.Literal('refused'),
  Type.Literal('busy'),
  Type.Literal('timeout'),
  Type.Literal('connection'),
  Type.Literal('unsent'),
]);
export type CallOutcome = Data<typeof CallOutcome>;

/** Gives a token back, after the complete answer or the closing of the socket. Unknown tokens are accepted and ignored. */
export const release = operation(
  'governor.*.release',
  Type.Object({
    token: TokenId,
    sessionId: SessionId,
    outcome: CallOutcome,
    latencyMs: DurationMs,
    operation: Type.String(),
    backOff: Type.Optional(ActiveBackOff),
  }),
  Type.Object({}),
);

/** Withdraws a request that waits; a token that was granted meanwhile is given back. */
export const cancel = operation(
  'governor.*.cancel',
  Type.Object({ requestId: RequestId, sessionId: SessionId }),
  Type.Object({}),
);

/** Sent on every change of the limit or a back-off, and every second. */
export const governorState = broadcast(
  'governor.state',
  Type.Object({
    epoch: Type.Integer(),
    phase: Type.Union([Type.Literal('counting'), Type.Literal('granting')]),
    /** 0 means no fixed limit. */
    limit: Type.Integer({ minimum: 0 }),
    out: Type.Integer({ minimum: 0 }),
    streamsOut: Type.Integer({ minimum: 0 }),
    queued: Type.Integer({ minimum: 0 }),
    backOffs: Type.Array(ActiveBackOff),
    /** The average response time of the last minute; 0 when nothing was answered in it. */
    averageResponseMs: Type.Optional(DurationMs),
    /** By which calls are spaced under high server load; 0 = not at all. */
    delayMs: Type.Optional(DurationMs),
  }),
);
export type GovernorState = Data<typeof governorState.message>;

/** One grant or its end, published for audits that hold the server's log against the governor's (never awaited). */
export const grantLog = broadcast(
  'governor.grant',
  Type.Object({
    token: TokenId,
    epoch: Type.Integer(),
    event: Type.Union([
      Type.Literal('granted'),
      Type.Literal('released'),
      Type.Literal('freed'),
      Type.Literal('adopted'),
    ]),
    pool: TokenPool,
    payer: Type.String(),
    operation: Type.String(),
    limit: Type.Integer({ minimum: 0 }),
    out: Type.Integer({ minimum: 0 }),
    at: Type.String(),
  }),
);
export type GrantLogEntry = Data<typeof grantLog.message>;
