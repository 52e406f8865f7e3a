// How a process is seen to end. It holds a second connection, in the server's system account, with which it may do nothing: the
// kernel closes it when the process ends, and the server tells that at once. A process that hangs, or whose host is cut off,
// keeps it open; then nothing is told. The client never closes it while the process lives.
// What a newcomer would try first: the events of the ordinary connections. The server tells none for its global account, and with
// another account beside the system's it would take JetStream from it.
import { connect, type NatsConnection } from 'nats';
import type { Presence, PresenceEvent, Stoppable } from './bus.ts';
import { eventsUserOf, presenceUserOf, systemAccount } from './system-users.ts';

export interface PresenceOptions {
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly pingEveryMs: number;
  readonly reconnectEveryMs: number;
}

/** What the server says of a connection that came or went. */
interface Told {
  readonly server?: { readonly id?: unknown };
  readonly client?: { readonly id?: unknown; readonly name?: unknown };
  readonly reason?: unknown;
}

/** The server's words for a connection that its other side closed. */
const closedByItself = 'Client Closed';
const nobody = { id: undefined, stop: async () => undefined };

/** Lets the end of this process be seen, under `name`. Does nothing where the server does not know such users. */
export function announcePresence(options: PresenceOptions, name: string): Presence {
  if (options.user === undefined) return nobody;
  const held = hold(options, presenceUserOf(options.user), name);
  return {
    get id() {
      const info = held.nats?.info;
      return info === undefined || !held.connected() ? undefined : idOf(info.server_id, info.client_id);
    },
    stop: held.stop,
  };
}

/** Tells of every process that comes and goes. Does nothing where the server does not know such users. */
export function watchPresences(options: PresenceOptions, handler: (event: PresenceEvent) => void): Stoppable {
  if (options.user === undefined) return nobody;
  const tell = (kind: PresenceEvent['kind'], data: Uint8Array) => {
    const told = readTold(data);
    if (told === undefined || (kind === 'gone' && told.reason !== closedByItself)) return;
    handler({ kind, id: told.id, name: told.name });
  };
  return hold(options, eventsUserOf(options.user), 'presences', (nats) => {
    const subject = (event: string) => `$SYS.ACCOUNT.${systemAccount}.${event}`;
    nats.subscribe(subject('CONNECT'), { callback: (error, { data }) => error === null && tell('there', data) });
    nats.subscribe(subject('DISCONNECT'), { callback: (error, { data }) => error === null && tell('gone', data) });
  });
}

interface Holding extends Stoppable {
  readonly nats: NatsConnection | undefined;
  connected(): boolean;
}

/** One connection for as long as the process lives. Where it is refused there is none, and that is no failure. */
function hold(options: PresenceOptions, user: string, name: string, onOpen?: (nats: NatsConnection) => void): Holding {
  let nats: NatsConnection | undefined;
  let connected = false;
  let stopped = false;
  connect({
    servers: options.url.split(',').map((address) => address.trim()),
    name,
    user,
    pass: options.password ?? '',
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: options.reconnectEveryMs,
    reconnectJitter: options.reconnectEveryMs,
    pingInterval: options.pingEveryMs,
    maxPingOut: 2,
    noAsyncTraces: true,
  })
    .then(async (opened) => {
      nats = opened;
      connected = true;
      onOpen?.(opened);
      if (stopped) await opened.close();
      for await (const status of opened.status()) {
        if (status.type === 'disconnect') connected = false;
        if (status.type === 'reconnect') connected = true;
      }
    })
    .catch(() => undefined);
  return {
    get nats() {
      return nats;
    },
    connected: () => connected,
    async stop() {
      stopped = true;
      connected = false;
      await nats?.close();
    },
  };
}

function readTold(
  data: Uint8Array,
): { readonly id: string; readonly name: string; readonly reason: unknown } | undefined {
  let told: Told;
  try {
    told = JSON.parse(new TextDecoder().decode(data)) as Told;
  } catch {
    return undefined;
  }
  const { server, client, reason } = told;
  if (typeof server?.id !== 'string' || typeof client?.id !== 'number') return undefined;
  return { id: idOf(server.id, client.id), name: typeof client.name === 'string' ? client.name : '', reason };
}

const idOf = (server: string, client: number): string => `${server}.${client}`;
