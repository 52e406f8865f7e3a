// What has to happen once for each newly linked user: every row of theirs gets its place in the index, so that deletes can
// be resolved, and then the engine is told to list everything. In this order: a row that the engine has listed must not be
// able to vanish unnoticed.
import type { Bucket } from '@lockstep/bus';
import {
  type Data,
  firstKind,
  fnv1a32,
  Instant,
  type ItemKind,
  type MailboxKey,
  type Outcome,
  recordVersion,
  storedRecord,
  success,
  UnreadableRecord,
  type UserLink,
} from '@lockstep/contracts';
import { kindOf } from '@lockstep/items';
import { Type } from 'typebox';
import { placeRow } from '../changes/resolver.ts';
import { archiveLiteral } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { mayBeOf } from '../mapping/kinds.ts';
import type { PollingContext } from './polling-context.ts';

/** Which mailboxes were loaded, when, for which associate, and from which time on their rows were placed. */
const Loaded = Type.Object({
  v: recordVersion,
  tenant: Type.String(),
  mailboxes: Type.Record(
    Type.String(),
    Type.Object({
      associateId: Type.Integer(),
      from: Instant,
      at: Instant,
      serverId: Type.String(),
      /** The kinds whose rows were placed; the first release placed appointments and did not say so. */
      kinds: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});
type Loaded = Data<typeof Loaded>;
/** In the bucket `superoffice-index`, keys `loaded.<chunk>`. */
const loadedRecord = storedRecord({ name: 'record of loaded users', version: 1, schema: Loaded });
type LoadedUser = Loaded['mailboxes'][string];

export interface LoadOptions {
  readonly tenant: string;
  /** Rows of a kind that the window bounds are left out of the index when they ended before: nobody synchronizes them. */
  readonly from: Instant;
  /** When polling began: who was loaded before is loaded again, since nothing says what changed in between. */
  readonly begunAt: Instant | undefined;
  /** The NATS server of now. */
  readonly serverId: string;
  /** Another NATS server may have lost what was published after this: those users are loaded again. */
  readonly lostSince: Instant | undefined;
  /** Kinds that are synchronized: a user whose rows of one were not placed is loaded again. */
  readonly kinds: readonly ItemKind[];
  /** Users to load in one turn; the rest waits for the next, so that changes are polled in between. */
  readonly maxUsers: number;
}

/** Whether users are left for another turn. */
export type LoadResult = 'all' | 'more';

const chunkCount = 16;

/** Loads users who are linked and enabled and were not loaded yet, or for another associate, or from a later time on. */
export async function loadNewUsers(context: PollingContext, options: LoadOptions): Promise<Outcome<LoadResult>> {
  const groups = Map.groupBy(context.directory.enabled(), (link) => chunkOf(link.mailbox));
  let left = options.maxUsers;
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    const loaded = await loadChunk(context, chunk, groups.get(chunk) ?? [], { ...options, maxUsers: left });
    if (!loaded.ok) return loaded;
    if (loaded.value.result === 'more') return success('more');
    left -= loaded.value.users;
  }
  return success('all');
}

async function loadChunk(
  context: PollingContext,
  chunk: number,
  links: readonly UserLink[],
  { tenant, from, begunAt, serverId, lostSince, kinds, maxUsers }: LoadOptions,
): Promise<Outcome<{ readonly result: LoadResult; readonly users: number }>> {
  const key = `loaded.${chunk}`;
  const entry = await context.bucket.getBytes(key);
  const before = entry === undefined ? {} : loadedBefore(key, entry.value, tenant);
  const missing = links.filter((link) => {
    const known = before[link.mailbox];
    if (known?.associateId !== link.associateId || known.from > from) return true;
    const { kinds: placed = [firstKind] } = known;
    if (kinds.some((kind) => !placed.includes(kind))) return true;
    if (begunAt !== undefined && known.at < begunAt) return true;
    return lostSince !== undefined && known.at > lostSince && known.serverId !== serverId;
  });
  const left = Object.keys(before).filter((mailbox) => !links.some((link) => link.mailbox === mailbox));
  const wanted = missing.slice(0, maxUsers);
  const result: LoadResult = wanted.length < missing.length ? 'more' : 'all';
  if (wanted.length === 0 && left.length === 0) return success({ result, users: 0 });
  const loaded = await loadUsers(context, wanted, from, kinds);
  if (!loaded.ok) return loaded;
  // A user who is no longer linked is forgotten, so that linking again loads again: changes in between were not published.
  const at = new Date(context.now()).toISOString();
  const kept = links.flatMap((link) => {
    const known = missing.includes(link) ? undefined : before[link.mailbox];
    const record: LoadedUser | undefined = wanted.includes(link)
      ? { associateId: link.associateId, from, at, serverId, kinds: [...kinds] }
      : known;
    return record === undefined ? [] : [[link.mailbox, record] as const];
  });
  await write(context.bucket, key, { v: 1, tenant, mailboxes: Object.fromEntries(kept) }, entry?.revision);
  return success({ result, users: wanted.length });
}

/** A damaged record has the users of this chunk loaded again. Throws `UnreadableRecord` for one of a newer release. */
function loadedBefore(key: string, bytes: Uint8Array, tenant: string): Loaded['mailboxes'] {
  const reading = loadedRecord.read(bytes);
  if (reading.kind === 'newer') throw new UnreadableRecord(loadedRecord.name, key, reading);
  return reading.kind === 'ok' && reading.value.tenant === tenant ? reading.value.mailboxes : {};
}

async function loadUsers(
  context: PollingContext,
  links: readonly UserLink[],
  from: Instant,
  kinds: readonly ItemKind[],
): Promise<Outcome<void>> {
  const { associatesPerQuery } = watcherConfig.polling;
  for (let start = 0; start < links.length; start += associatesPerQuery) {
    const some = links.slice(start, start + associatesPerQuery);
    // A kind that the window does not bound has rows of any date, and rows without one.
    for (const [since, placedKinds] of Map.groupBy(kinds, (kind) => (kindOf(kind).listedByTime ? from : undefined))) {
      const placed = await placeRowsOf(context, some, since, placedKinds);
      if (!placed.ok) return placed;
    }
  }
  for (const link of links) {
    const told = await context.publisher.all(link.mailbox, 'first-load', context.resolve);
    if (!told.ok) return told;
  }
  return success(undefined);
}

/** A write that another leader won is no harm: users are loaded again. */
async function write(bucket: Bucket, key: string, value: Loaded, revision: number | undefined): Promise<void> {
  if (revision === undefined) await bucket.create(key, value);
  else await bucket.update(key, value, revision);
}

/** One pass in the order of ids, which is the order of the index's chunks: each chunk is written once. */
async function placeRowsOf(
  context: PollingContext,
  links: readonly UserLink[],
  from: Instant | undefined,
  kinds: readonly ItemKind[],
): Promise<Outcome<void>> {
  const mailboxes = new Map(links.map((link) => [link.associateId, link.mailbox]));
  const owned = `associateId associateIsOneOf (${[...mailboxes.keys()].join(',')})`;
  const filter = from === undefined ? owned : `${owned} and endDate afterTime ${archiveLiteral(from)}`;
  const { pageRows } = watcherConfig.calls;
  for (let afterId = 0; ; ) {
    const page = await context.connection.archive.appointments(filter, afterId, pageRows, context.resolve.signal);
    if (!page.ok) return page;
    const placed = await Promise.all(
      page.value.map(({ id, associateId, type }) => {
        const mailbox = associateId === undefined ? undefined : mailboxes.get(associateId);
        const kind = kinds.find((one) => mayBeOf([one], type));
        if (mailbox === undefined || kind === undefined) return success(undefined);
        return placeRow(context.index, { kind, id }, mailbox);
      }),
    );
    const failed = placed.find((outcome) => !outcome.ok);
    if (failed !== undefined) return failed;
    const last = page.value.at(-1);
    if (last === undefined || page.value.length < pageRows) return success(undefined);
    afterId = last.id;
  }
}

function chunkOf(mailbox: MailboxKey): number {
  return fnv1a32(mailbox) % chunkCount;
}
