// The sessions of the gateways: which of them may be granted tokens, and when one is over, so that its tokens may go to others.
// What a newcomer would get wrong: a process that fell silent need not be dead. One that stands still keeps its sockets open, and
// Exchange goes on with its requests; only a process whose end was seen has none any more.
import type { SessionId, TokenId } from './ids.ts';

/** The process behind a session. */
export interface GatewayProcess {
  /** The name under which it is started again. */
  readonly gateway: string;
  /** By which its end is seen; undefined where nobody can see it. */
  readonly presence: string | undefined;
}

export interface Session {
  readonly id: SessionId;
  readonly tokens: Set<TokenId>;
}

export interface SessionOptions {
  /** So long after it was last heard of a session lapses; it is over then when its process has ended. */
  readonly sessionFreedMs: number;
  /** When its process may only stand still it is over so long after it was last heard of: no request of it is open any more. */
  readonly frozenFreedMs: number;
  readonly maxSessions: number;
}

interface KnownSession extends Session {
  process: GatewayProcess;
  lastHeardMs: number;
  /** Not heard of for `sessionFreedMs`; a heartbeat opens it again. */
  hasLapsed: boolean;
  processEnded: boolean;
}

/** Pure: time is passed in as monotonic milliseconds. */
export class GatewaySessions {
  readonly #options: SessionOptions;
  /** In the order of their opening. */
  readonly #sessions = new Map<SessionId, KnownSession>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  of(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  /** True while the session may be granted tokens. */
  knows(id: SessionId): boolean {
    return this.#sessions.get(id)?.hasLapsed === false;
  }

  /** Opens or renews a session. Undefined when there are too many. */
  renew(id: SessionId, process: GatewayProcess, nowMs: number): Session | undefined {
    const session = this.#sessions.get(id) ?? this.#open(id, process, nowMs);
    if (session === undefined) return undefined;
    // A process that lives lost its connection and has another.
    if (session.process.presence !== process.presence) session.processEnded = false;
    session.process = process;
    session.hasLapsed = false;
    session.lastHeardMs = Math.max(session.lastHeardMs, nowMs);
    return session;
  }

  /** Notes that a session is alive. False when it has to send a heartbeat first. */
  heard(id: SessionId, nowMs: number): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.hasLapsed) return false;
    session.lastHeardMs = Math.max(session.lastHeardMs, nowMs);
    return true;
  }

  /** The connection of a process was closed by its own side, as the kernel does for one that ended. */
  processEnded(presence: string): void {
    for (const session of this.#sessions.values())
      if (session.process.presence === presence) session.processEnded = true;
  }

  /** `lapsed`: may be granted nothing any more. `over`: their tokens are free; these sessions are forgotten. */
  expire(nowMs: number): { readonly lapsed: readonly SessionId[]; readonly over: readonly Session[] } {
    const lapsed: SessionId[] = [];
    const over: Session[] = [];
    for (const session of this.#sessions.values()) {
      const isOver = this.#isOver(session, nowMs);
      if (!session.hasLapsed && (isOver || this.#silentMs(session, nowMs) >= this.#options.sessionFreedMs)) {
        session.hasLapsed = true;
        lapsed.push(session.id);
      }
      if (!isOver) continue;
      over.push(session);
      this.#sessions.delete(session.id);
    }
    return { lapsed, over };
  }

  #silentMs({ lastHeardMs }: KnownSession, nowMs: number): number {
    return nowMs - lastHeardMs;
  }

  #isOver(session: KnownSession, nowMs: number): boolean {
    const { sessionFreedMs, frozenFreedMs } = this.#options;
    if (session.processEnded && this.#isSucceeded(session)) return true;
    const silentMs = this.#silentMs(session, nowMs);
    const nothingOpen = session.processEnded || session.tokens.size === 0;
    return silentMs >= (nothingOpen ? sessionFreedMs : frozenFreedMs);
  }

  /** Its gateway runs again, in a process that opened a session of its own. */
  #isSucceeded({ id, process }: KnownSession): boolean {
    const later = [...this.#sessions.values()].filter((other) => other.process.gateway === process.gateway);
    return later.at(-1)?.id !== id;
  }

  #open(id: SessionId, process: GatewayProcess, nowMs: number): KnownSession | undefined {
    if (this.#sessions.size >= this.#options.maxSessions) return undefined;
    const session = {
      id,
      process,
      lastHeardMs: nowMs,
      hasLapsed: false,
      processEnded: false,
      tokens: new Set<TokenId>(),
    };
    this.#sessions.set(id, session);
    return session;
  }
}
