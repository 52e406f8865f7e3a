// The one gate to Exchange: whoever wants to send anything asks here for a token, uses it for one request, and has it given back
// when the answer is complete or the socket closed. A grant that comes too late, from another epoch or into a pause is given back
// unused. A subclass can stand in for tests through `start(kit, overrides)`.
import type { Bus } from '@lockstep/bus';
import {
  type CodedError,
  codedError,
  type Data,
  failure,
  governor,
  type MailboxKey,
  type Outcome,
  type Priority,
  type RequestId,
  success,
  type TokenId,
} from '@lockstep/contracts';
import { accountPayer, type BackOffs } from '@lockstep/flow-control';
import type { Clock, Ids } from '@lockstep/service-kit/kit';
import type { CallOutcome, Pause } from './call-outcome.ts';
import type { GovernorSession, HeldToken } from './governor-session.ts';
import { linkedAbort } from './linked-abort.ts';

/** Who pays for a call, and waits when Exchange asks for a pause. */
export type Payer = MailboxKey | typeof accountPayer;

export interface TokenWish {
  readonly pool: Data<typeof governor.TokenPool>;
  /** The mailbox with impersonation, the account with delegation. */
  readonly payer: Payer;
  /** For whom; among the mailboxes is shared fairly, also when the account pays for all. Nobody's where no mailbox is asked. */
  readonly mailbox: MailboxKey | undefined;
  readonly priority: Priority;
  readonly operation: string;
  readonly correlationId: string;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

/** The right to send one request. */
export interface Permit {
  /** Goes out as `client-request-id`. */
  readonly token: TokenId;
  /** Aborts when the session lapses or the caller gives up. */
  readonly signal: AbortSignal;
  /** Asked immediately before the first byte; true at most once. */
  mayStart(): boolean;
  /** Why nothing may be sent at this moment; undefined when something may. */
  hindrance(): CodedError | undefined;
}

/** What a call came to; its answer is complete or its socket closed. */
export interface Used<T> {
  readonly outcome: CallOutcome;
  readonly latencyMs: number;
  readonly pause?: Pause | undefined;
  readonly value: T;
}

export type Grant = Data<typeof governor.acquire.reply>;

export interface TokenClientOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly session: () => GovernorSession;
  readonly backOffs: BackOffs;
  readonly held: TokensOut;
  /** Time of the caller's deadline that is left for the call itself. */
  readonly reserveMs: number;
  /** How often a grant of another epoch or an unknown session is answered by asking again. */
  readonly maxAttempts: number;
  /** For giving a token back or withdrawing a wish, each attempt. */
  readonly messageDeadlineMs: number;
  readonly maxReleaseAttempts: number;
  readonly onWaited: (operation: string, waitedMs: number) => void;
}

/** The tokens that are out; the heartbeat reports them. */
export class TokensOut {
  readonly #out = new Map<TokenId, { readonly wish: TokenWish; readonly grantedAt: number }>();

  add(token: TokenId, wish: TokenWish, grantedAt: number): void {
    this.#out.set(token, { wish, grantedAt });
  }

  remove(token: TokenId): void {
    this.#out.delete(token);
  }

  list(nowMs: number): readonly HeldToken[] {
    return [...this.#out].map(([token, { wish, grantedAt }]) => ({
      token,
      pool: wish.pool,
      payer: wish.payer,
      ageMs: Math.max(0, Math.round(nowMs - grantedAt)),
    }));
  }
}

export class TokenClient {
  protected readonly options: TokenClientOptions;
  readonly #farewells = new Set<Promise<unknown>>();

  constructor(options: TokenClientOptions) {
    this.options = options;
  }

  /** Takes a token, hands it to `use`, and gives it back with what `use` came to. Fails with the code of what hindered it. */
  async withToken<T>(wish: TokenWish, use: (permit: Permit) => Promise<Used<T>>): Promise<Outcome<T>> {
    const { clock, held, onWaited } = this.options;
    const hindered = this.#hindrance(wish);
    if (hindered !== undefined) return { ok: false, error: hindered };
    const askedAt = clock.monotonic();
    const granted = await this.acquire(wish);
    onWaited(wish.operation, clock.monotonic() - askedAt);
    if (!granted.ok) return granted;
    const { token } = granted.value;
    held.add(token, wish, clock.monotonic());
    const link = linkedAbort(wish.signal, this.options.session().lapsed);
    const permit = this.#permit(token, wish, link.signal);
    try {
      const refusal = permit.hindrance();
      if (refusal !== undefined) {
        this.#release(token, wish, { outcome: 'unsent', latencyMs: 0, value: undefined });
        return { ok: false, error: refusal };
      }
      const used = await use(permit);
      this.#settle(wish, used);
      this.#release(token, wish, used);
      return success(used.value);
    } catch (defect) {
      this.#release(token, wish, { outcome: 'connection', latencyMs: 0, value: undefined });
      throw defect;
    } finally {
      link.unlink();
    }
  }

  /** Asks the governor until it grants or refuses. A wait that a new leader interrupts is asked again with the same request id. */
  protected async acquire(wish: TokenWish): Promise<Outcome<Grant>> {
    const { bus, ids, reserveMs, maxAttempts } = this.options;
    let requestId = ids.uuidv4() as RequestId;
    let last: Outcome<Grant> = failure('governor-lapsed');
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const session = this.options.session();
      const deadlineMs = Math.floor(wish.remainingMs() - reserveMs);
      if (deadlineMs <= 0) return failure('deadline-passed');
      const leaderChanged = session.leaderChanged;
      const link = linkedAbort(wish.signal, session.lapsed, leaderChanged);
      const { pool, payer, mailbox, priority, operation, correlationId } = wish;
      const about = { pool, payer, priority, operation, ...(mailbox === undefined ? {} : { mailbox }) };
      const body = { requestId, sessionId: session.id, ...about };
      const leader = governor.ofEpoch(session.epoch ?? 0);
      last = await bus.request(governor.acquire, body, { ...leader, correlationId, deadlineMs, signal: link.signal });
      link.unlink();
      if (last.ok) {
        if (last.value.epoch === session.epoch) return last;
        this.#release(last.value.token, wish, { outcome: 'unsent', latencyMs: 0, value: undefined });
        requestId = ids.uuidv4() as RequestId;
        last = failure('governor-not-ready');
        await session.heartbeatNow();
      } else if (last.error.code === 'governor-session-unknown') {
        await session.heartbeatNow();
      } else if (!leaderChanged.aborted || wish.signal.aborted || session.lapsed.aborted) {
        break;
      }
    }
    // What the governor refused itself does not wait there.
    if (!last.ok && !last.error.code.startsWith('governor-')) this.#cancel(requestId, wish);
    return this.#hindered(wish) ?? last;
  }

  /** Resolves when every release that is under way has arrived or been given up. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.#farewells);
  }

  #permit(token: TokenId, wish: TokenWish, signal: AbortSignal): Permit {
    let started = false;
    const hindrance = () => (signal.aborted && this.options.session().isValid() ? gaveUp(wish) : this.#hindrance(wish));
    return {
      token,
      signal,
      hindrance,
      mayStart: () => {
        if (started || hindrance() !== undefined) return false;
        started = true;
        return true;
      },
    };
  }

  #hindrance(wish: TokenWish): CodedError | undefined {
    const { backOffs, clock, session } = this.options;
    if (wish.signal.aborted) return gaveUp(wish);
    if (!session().isValid()) return codedError('governor-lapsed');
    const backOffMs = Math.ceil(backOffs.remainingMs(wish.payer, clock.monotonic()));
    return backOffMs > 0 ? codedError('governor-back-off', { backOffMs }) : undefined;
  }

  #hindered(wish: TokenWish): Outcome<Grant> | undefined {
    const error = this.#hindrance(wish);
    return error === undefined ? undefined : { ok: false, error };
  }

  // Known here before anybody else: from now on nothing more is sent in this scope.
  #settle(wish: TokenWish, used: Used<unknown>): void {
    const { backOffs, clock } = this.options;
    const now = clock.monotonic();
    if (used.pause?.scope === 'payer') backOffs.busy(wish.payer, used.pause.pauseMs, now);
    if (used.pause?.scope === 'endpoint') {
      backOffs.report({ scope: { kind: 'endpoint' }, remainingMs: used.pause.pauseMs }, now);
    }
    if (used.outcome === 'ok') backOffs.succeeded(wish.payer, now);
  }

  #release(token: TokenId, wish: TokenWish, used: Used<unknown>): void {
    this.options.held.remove(token);
    const backOff = used.pause === undefined ? {} : { backOff: backOffOf(wish.payer, used.pause) };
    const latencyMs = wish.pool === 'stream' ? 0 : Math.max(0, Math.round(used.latencyMs));
    const body = { token, outcome: used.outcome, latencyMs, operation: wish.operation, ...backOff };
    this.#farewell(async () => {
      const { bus, session, messageDeadlineMs, maxReleaseAttempts } = this.options;
      for (let attempt = 0; attempt < maxReleaseAttempts; attempt++) {
        const { id: sessionId, epoch = 0, leaderChanged: signal } = session();
        const request = { ...body, sessionId };
        const { correlationId } = wish;
        const options = { ...governor.ofEpoch(epoch), correlationId, deadlineMs: messageDeadlineMs, signal };
        if ((await bus.request(governor.release, request, options)).ok) return;
      }
    });
  }

  #cancel(requestId: RequestId, wish: TokenWish): void {
    const { bus, session, messageDeadlineMs } = this.options;
    const { id: sessionId, epoch = 0 } = session();
    const { correlationId } = wish;
    const options = { ...governor.ofEpoch(epoch), correlationId, deadlineMs: messageDeadlineMs };
    this.#farewell(() => bus.request(governor.cancel, { requestId, sessionId }, options));
  }

  #farewell(send: () => Promise<unknown>): void {
    // What gets lost here comes back when the governor misses the token in a heartbeat or frees the session.
    const under: Promise<unknown> = send()
      .catch(() => undefined)
      .finally(() => this.#farewells.delete(under));
    this.#farewells.add(under);
  }
}

function gaveUp(wish: TokenWish): CodedError {
  return codedError(wish.remainingMs() <= 0 ? 'deadline-passed' : 'service-stopping');
}

function backOffOf(payer: Payer, pause: Pause): Data<typeof governor.ActiveBackOff> {
  const remainingMs = Math.ceil(pause.pauseMs);
  if (pause.scope === 'endpoint') return { scope: { kind: 'endpoint' }, remainingMs };
  if (payer === accountPayer) return { scope: { kind: 'account' }, remainingMs };
  return { scope: { kind: 'mailbox', mailbox: payer }, remainingMs };
}
