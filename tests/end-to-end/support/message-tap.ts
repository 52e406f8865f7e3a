// Hears every message of Lockstep on NATS, with the id that it is followed by, and reads the log lines of every service.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { headerNames } from '@lockstep/contracts';
import { connect, type NatsConnection } from 'nats';
import { natsUrlOf } from '../../../scripts/system/layout.ts';
import type { System } from '../../../scripts/system/system.ts';

export interface Heard {
  /** Without the prefix and without tokens of a partition or mailbox: `change`, `exchange.read`, `governor.release`. */
  readonly what: string;
  readonly subject: string;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface LogLine {
  readonly msg: string;
  readonly mailbox?: string;
  readonly correlationId?: string;
}

const prefix = 'lockstep.v1.';

export class MessageTap {
  private readonly all: Heard[] = [];
  private readonly connection: NatsConnection;
  private readonly logs: string;
  private beganAt = '';
  private begin = 0;
  private older: ReadonlySet<string> = new Set();

  private constructor(connection: NatsConnection, logs: string) {
    this.connection = connection;
    this.logs = logs;
  }

  static async start(system: System): Promise<MessageTap> {
    const connection = await connect({
      servers: natsUrlOf(system.layout),
      user: 'operator',
      pass: system.secrets.natsPasswords.operator,
    });
    const tap = new MessageTap(connection, path.join(system.layout.dataFolder, 'logs'));
    connection.subscribe(`${prefix}>`, {
      callback: (_error, { subject, headers, data }) => {
        const id = headers?.get(headerNames.correlationId) ?? '';
        const body = JSON.parse(new TextDecoder().decode(data));
        tap.all.push({ what: whatOf(subject), subject, id, body });
      },
    });
    await connection.flush();
    return tap;
  }

  /** How many changes and wake-ups wait or are worked on: a compare that runs is one of them. */
  async waiting(): Promise<number> {
    const manager = await this.connection.jetstreamManager();
    const infos = await Promise.all(['CHANGE', 'NOTIFIED'].map((stream) => manager.streams.info(stream)));
    return infos.reduce((sum, { state }) => sum + state.messages, 0);
  }

  stop(): Promise<void> {
    return this.connection.close();
  }

  /** From now on only what has not begun before counts. */
  mark(): void {
    this.beganAt = new Date().toISOString();
    this.begin = this.all.length;
    this.older = new Set(this.all.map(({ id }) => id));
  }

  /** What was heard since the mark, but for what goes on that began before it. */
  get heard(): readonly Heard[] {
    return this.all.slice(this.begin).filter(({ id }) => !this.older.has(id));
  }

  /** Messages that name this mailbox, in their subject or in their body. */
  about(mailbox: string): readonly Heard[] {
    return this.heard.filter(
      ({ subject, body }) =>
        subject.split('.').includes(mailbox) || body['mailbox'] === mailbox || body['payer'] === mailbox,
    );
  }

  /** Lines of all services that name this mailbox, written since the mark. */
  linesAbout(mailbox: string): readonly LogLine[] {
    const lines = readdirSync(this.logs).flatMap((file) =>
      readFileSync(path.join(this.logs, file), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as LogLine & { readonly time: string }),
    );
    return lines.filter((line) => line.mailbox === mailbox && line.time >= this.beganAt);
  }
}

function whatOf(subject: string): string {
  const [first = '', second = '', third = ''] = subject.slice(prefix.length).split('.');
  if (first === 'governor') return `${first}.${third || second}`;
  return ['exchange', 'superoffice', 'settings'].includes(first) ? `${first}.${second}` : first;
}
