// Holds the Exchange simulator's log against the governor's grants: every request of the synchronizer's account has one
// grant, every grant at most one request, and no more requests are in flight than the limit in force allows.
import type { governor } from '@lockstep/contracts';
import { connect, JSONCodec, type NatsConnection } from 'nats';
import { natsUrlOf } from '../../../scripts/system/layout.ts';
import { call } from '../../../scripts/system/provision.ts';
import { synchronizer } from '../../../scripts/system/sample-people.ts';
import type { System } from '../../../scripts/system/system.ts';

export interface LogEntry {
  readonly seq: number;
  readonly account: string;
  readonly operation: string;
  readonly clientRequestId?: string;
  readonly startedMs: number;
  readonly endedMs?: number;
}

export interface AuditReport {
  readonly requests: number;
  readonly withoutGrant: readonly string[];
  /** The same of requests that began while we could not hear of grants: NATS was down, and what it had in hand was lost. */
  readonly unheard: readonly string[];
  readonly grantsUsedTwice: readonly string[];
  /** The most ordinary requests in flight at one time; streaming connections have a limit of their own. */
  readonly peak: number;
}

/** A killed NATS loses what it had not delivered; a service may be back with it a moment before we are. */
const deafMarginMs = 150;

export class TokenAudit {
  private readonly grants = new Set<string>();
  /** When we were without NATS. */
  private readonly deaf: { readonly fromMs: number; untilMs: number }[] = [];
  private readonly connection: NatsConnection;
  private readonly simulatorUrl: string;

  private constructor(connection: NatsConnection, simulatorUrl: string) {
    this.connection = connection;
    this.simulatorUrl = simulatorUrl;
  }

  static async start(system: System): Promise<TokenAudit> {
    const connection = await connect({
      servers: natsUrlOf(system.layout),
      user: 'operator',
      pass: system.secrets.natsPasswords.operator,
      maxReconnectAttempts: -1,
      // Sooner back than any service after NATS was killed, so that no grant is missed.
      reconnectTimeWait: 10,
      reconnectJitter: 0,
    });
    const audit = new TokenAudit(connection, system.simulatorUrl('exchange'));
    const codec = JSONCodec<governor.GrantLogEntry>();
    connection.subscribe('lockstep.v1.governor.grant', {
      callback: (_error, message) => {
        // Whatever becomes of a token, the governor can only speak of one that it granted.
        audit.grants.add(codec.decode(message.data).token);
      },
    });
    await connection.flush();
    void audit.watch();
    return audit;
  }

  private async watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect')
        this.deaf.push({ fromMs: Date.now() - deafMarginMs, untilMs: Number.POSITIVE_INFINITY });
      const last = this.deaf.at(-1);
      if (type === 'reconnect' && last !== undefined) last.untilMs = Date.now() + deafMarginMs;
    }
  }

  private isDeafAt(atMs: number): boolean {
    return this.deaf.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs <= untilMs);
  }

  /** What the server saw of the synchronizer's account so far, or began since then, against the grants so far. */
  async report(sinceMs = 0): Promise<AuditReport> {
    await this.connection.flush();
    const isAudited = (entry: LogEntry) => entry.account === synchronizer.address && entry.startedMs >= sinceMs;
    const entries = (await this.log()).filter(isAudited);
    const idOf = (entry: LogEntry) => entry.clientRequestId ?? `none (${entry.operation} ${entry.seq})`;
    const ids = entries.map(idOf);
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    const ungranted = entries.filter((entry) => !this.grants.has(idOf(entry)));
    return {
      requests: entries.length,
      withoutGrant: ungranted.filter(({ startedMs }) => !this.isDeafAt(startedMs)).map(idOf),
      unheard: ungranted.filter(({ startedMs }) => this.isDeafAt(startedMs)).map(idOf),
      grantsUsedTwice: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
      peak: peakOf(entries.filter((entry) => entry.operation !== 'GetStreamingEvents')),
    };
  }

  async stop(): Promise<void> {
    await this.connection.close();
  }

  private async log(): Promise<readonly LogEntry[]> {
    const all: LogEntry[] = [];
    for (let afterSeq = 0; ; ) {
      const url = `${this.simulatorUrl}/control/log?afterSeq=${afterSeq}`;
      const { records } = await call<{ records: LogEntry[] }>('GET', url);
      const last = records.at(-1);
      if (!last) return all;
      all.push(...records);
      afterSeq = last.seq;
    }
  }
}

/** The most intervals that overlap at one time; one that has not ended goes on. */
export function peakOf(entries: readonly Pick<LogEntry, 'startedMs' | 'endedMs'>[]): number {
  const steps = entries.flatMap((entry) => [
    { atMs: entry.startedMs, change: 1 },
    { atMs: entry.endedMs ?? Number.POSITIVE_INFINITY, change: -1 },
  ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  let now = 0;
  let peak = 0;
  for (const step of steps) {
    now += step.change;
    peak = Math.max(peak, now);
  }
  return peak;
}
