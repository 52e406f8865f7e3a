// The configuration of a nats-server for Lockstep: one user a service, who may do what contracts/access.ts says and no more.
// A newcomer would grant `$JS.API.>`; whoever has it can read, empty and delete every stream.
import { createHash } from 'node:crypto';
import {
  access,
  buckets,
  operatorUser,
  type ServiceAccess,
  type StreamName,
  serviceNames,
  streams,
  usedStorage,
} from '@lockstep/contracts';
import { bucketStream } from './bucket.ts';
import { inboxPrefixOf } from './inbox.ts';
import { eventsUserOf, presenceUserOf, presenceWatchers, presentServices, systemAccount } from './system-users.ts';

export interface NatsServerConfig {
  readonly port: number;
  readonly storeDir: string;
  readonly host?: string;
  /** Port of the server's own HTTP monitoring, on the same address; off unless given. */
  readonly monitoringPort?: number;
  /** User name to password. Absent: everybody may do everything. */
  readonly users?: Readonly<Record<string, string>>;
  /** Upper bound of all streams together; the server refuses to start streams that reserve more. */
  readonly maxStorageBytes?: number;
}

interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const GiB = 1024 ** 3;
/** A little above the limit of our messages, for their headers and the wrapping of stored values in base64. */
const maxPayloadBytes = 1024 * 1024;
/** Longer than any deadline: how long a service may answer a request that it received. */
const answerWithin = '15m';

/** The text of a nats-server.conf. Throws when a user is unknown. */
export function natsServerConfig(config: NatsServerConfig): string {
  const host = config.host ?? '127.0.0.1';
  const lines = [
    `listen: ${quoted(`${host}:${config.port}`)}`,
    ...(config.monitoringPort === undefined ? [] : [`http: ${quoted(`${host}:${config.monitoringPort}`)}`]),
    `max_payload: ${maxPayloadBytes}`,
    `jetstream { store_dir: ${quoted(config.storeDir)}, max_file_store: ${config.maxStorageBytes ?? 64 * GiB}, max_memory_store: ${GiB} }`,
  ];
  if (config.users !== undefined) {
    const users = Object.entries(config.users).map(([user, password]) => userEntry(user, password));
    lines.push('authorization {', '  users = [', ...users, '  ]', '}', ...systemEntry(config.users));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * What a user may publish and subscribe to.
 *
 * Every service may ask for and create the streams and buckets that it uses, so that it becomes ready whichever service is
 * started first; creating one that exists with another configuration is refused by the server, and nobody but the operator
 * may update, purge or delete one. What a service does not use it can neither see nor create.
 */
export function permissionsOf(user: string): Permissions {
  if (user === operatorUser) return { publish: ['>'], subscribe: ['>'] };
  const service = serviceNames.find((name) => name === user);
  if (service === undefined) throw new RangeError(`no service is called ${user}`);
  const granted = access[service];
  const used = usedStorage(service);
  const streamNames = [...used.streams, ...used.buckets.map(bucketStream)];
  return {
    publish: unique([
      ...[...granted.requests, ...granted.broadcasts].map(({ subject }) => subject),
      ...granted.publishes.flatMap((name) => [...streams[name].subjects]),
      ...streamNames.flatMap((name) => [`$JS.API.STREAM.INFO.${name}`, `$JS.API.STREAM.CREATE.${name}`]),
      ...granted.consumes.flatMap(consuming),
      ...granted.looksInto.flatMap(scanning),
      ...keyValue(granted),
    ]),
    subscribe: unique([
      `${inboxPrefixOf(service)}.>`,
      ...[...granted.serves, ...granted.listens].map(({ subject }) => subject),
    ]),
  };
}

const consuming = (stream: StreamName): readonly string[] => [
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.ACK.${stream}.>`,
];

/** Reading with a consumer that vanishes by itself (scan.ts). */
const scanning = (stream: string): readonly string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
];

function keyValue({ reads, writes, leases }: ServiceAccess): readonly string[] {
  const seen = unique([...reads, ...writes]).map((name) => bucketStream(buckets[name].name));
  return [
    ...seen.flatMap((stream) => [`$JS.API.STREAM.MSG.GET.${stream}`, ...scanning(stream)]),
    ...writes.map((name) => `$KV.${name}.>`),
    ...(leases.length > 0 ? [`$JS.API.STREAM.MSG.GET.${bucketStream('leases')}`] : []),
    ...leases.map((pattern) => `$KV.leases.${pattern}`),
  ];
}

function userEntry(user: string, password: string): string {
  const { publish, subscribe } = permissionsOf(user);
  const list = (subjects: readonly string[]) => `[${subjects.map(quoted).join(', ')}]`;
  // allow_responses: a service answers whoever asked it, and can write to nobody else's inbox.
  return [
    `    { user: ${quoted(user)}, password: ${quoted(password)}, permissions: {`,
    `      publish: { allow: ${list(publish)} }`,
    `      subscribe: { allow: ${list(subscribe)} }`,
    `      allow_responses: { max: 1, expires: "${answerWithin}" }`,
    '    } }',
  ].join('\n');
}

/**
 * Who says no name would get one that may do everything: the server makes it as soon as it is told its system account and has no
 * other. This one is for MQTT alone, which is off, so that the server refuses whoever says no name.
 */
const refusedUser = 'nobody';

/** The system account, in which nobody can do more than be present or hear who is (presence.ts). */
function systemEntry(users: Readonly<Record<string, string>>): readonly string[] {
  const entry = (user: string, password: string, subscribe: string) =>
    `      { user: ${quoted(user)}, password: ${quoted(password)}, permissions: { publish: { deny: [">"] }, subscribe: { ${subscribe} } } }`;
  // The same each time that the same configuration is made.
  const unguessable = createHash('sha256').update(JSON.stringify(users)).digest('base64url');
  const events = ['CONNECT', 'DISCONNECT'].map((event) => quoted(`$SYS.ACCOUNT.${systemAccount}.${event}`));
  const of = (names: readonly string[], userOf: (name: string) => string, subscribe: string) =>
    names.flatMap((name) => (users[name] === undefined ? [] : [entry(userOf(name), users[name], subscribe)]));
  return [
    `accounts { ${systemAccount} {`,
    '    users = [',
    ...of(presentServices, presenceUserOf, 'deny: [">"]'),
    ...of(presenceWatchers, eventsUserOf, `allow: [${events.join(', ')}]`),
    `      { user: ${quoted(refusedUser)}, password: ${quoted(unguessable)}, allowed_connection_types: ["MQTT"] }`,
    '    ]',
    '} }',
    `system_account: ${systemAccount}`,
    `no_auth_user: ${quoted(refusedUser)}`,
  ];
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** In double quotes nats-server replaces neither `$` nor wildcards; a quote or line break would end the text. */
function quoted(text: string): string {
  if (/["\\\r\n]/.test(text)) throw new RangeError('a name, password or path with a quote, backslash or line break');
  return `"${text}"`;
}
