// What has to happen once for each newly linked user: every row of theirs gets its place in the index, so that deletes can
// be resolved, and then the engine is told to list everything. In this order: a row that the engine has listed must not be
// able to vanish unnoticed.
import type { Bucket } from '@lockstep/bus';
import {
  fnv1a32,
  Instant,
  type MailboxKey,
  type Outcome,
  recordVersion,
  success,
  type UserLink,
} from '@lockstep/contracts';
import { type Static, Type } from 'typebox';
import { placeRow } from '../changes/resolver.ts';
import { isDiaryType } from '../mapping/shape.ts';
import { type PollingContext, pageRows } from './polling-context.ts';

/** Which mailboxes were loaded, when, for which associate, and from which time on their rows were placed. */
const Loaded = Type.Object({
  v: recordVersion,
  tenant: Type.String(),
  mailboxes: Type.Record(Type.String(), Type.Object({ associateId: Type.Integer(), from: Instant, at: Instant })),
});
type Loaded = Static<typeof Loaded>;

export interface LoadOptions {
  readonly tenant: string;
  /** Rows that ended before are left out of the index: nobody synchronizes them. */
  readonly from: Instant;
  /** NATS may have lost what was published after this: those users are loaded again. */
  readonly lostSince: Instant | undefined;
}

const chunkCount = 16;
const associatesPerQuery = 100;

/** Loads users who are linked and enabled and were not loaded yet, or for another associate, or from a later time on. */
export async function loadNewUsers(context: PollingContext, options: LoadOptions): Promise<Outcome<void>> {
  const groups = Map.groupBy(context.directory.enabled(), (link) => chunkOf(link.mailbox));
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    const loaded = await loadChunk(context, chunk, groups.get(chunk) ?? [], options);
    if (!loaded.ok) return loaded;
  }
  return success(undefined);
}

async function loadChunk(
  context: PollingContext,
  chunk: number,
  links: readonly UserLink[],
  { tenant, from, lostSince }: LoadOptions,
): Promise<Outcome<void>> {
  const key = `loaded.${chunk}`;
  const entry = await context.bucket.get(key, Loaded);
  const before = entry?.value.tenant === tenant ? entry.value.mailboxes : {};
  const wanted = links.filter((link) => {
    const known = before[link.mailbox];
    if (known?.associateId !== link.associateId || known.from > from) return true;
    return lostSince !== undefined && known.at > lostSince;
  });
  const left = Object.keys(before).filter((mailbox) => !links.some((link) => link.mailbox === mailbox));
  const at = new Date(context.now()).toISOString();
  if (wanted.length === 0 && left.length === 0) return success(undefined);
  for (let start = 0; start < wanted.length; start += associatesPerQuery) {
    const placed = await placeRowsOf(context, wanted.slice(start, start + associatesPerQuery), from);
    if (!placed.ok) return placed;
  }
  for (const link of wanted) {
    const told = await context.publisher.all(link.mailbox, 'first-load', context.resolve);
    if (!told.ok) return told;
  }
  // A user who is no longer linked is forgotten, so that linking again loads again: changes in between were not published.
  const kept = links.map((link) => {
    const known = before[link.mailbox];
    const same = known !== undefined && !wanted.includes(link);
    return [link.mailbox, same ? known : { associateId: link.associateId, from, at }] as const;
  });
  const value: Loaded = { v: 1, tenant, mailboxes: Object.fromEntries(kept) };
  await write(context.bucket, key, value, entry?.revision);
  return success(undefined);
}

/** A write that another leader won is no harm: users are loaded again. */
async function write(bucket: Bucket, key: string, value: Loaded, revision: number | undefined): Promise<void> {
  if (revision === undefined) await bucket.create(key, value);
  else await bucket.update(key, value, revision);
}

/** One pass in the order of ids, which is the order of the index's chunks: each chunk is written once. */
async function placeRowsOf(context: PollingContext, links: readonly UserLink[], from: Instant): Promise<Outcome<void>> {
  const mailboxes = new Map(links.map((link) => [link.associateId, link.mailbox]));
  const filter =
    `associateId associateIsOneOf (${[...mailboxes.keys()].join(',')})` +
    ` and endDate afterTime '${from.slice(0, 19)}'`;
  for (let afterId = 0; ; ) {
    const page = await context.connection.archive.appointments(filter, afterId, pageRows, context.resolve.signal);
    if (!page.ok) return page;
    const rows = page.value.filter((row) => isDiaryType(row.type));
    const placed = await Promise.all(
      rows.map((row) => {
        const mailbox = row.associateId === undefined ? undefined : mailboxes.get(row.associateId);
        return mailbox === undefined ? success(undefined) : placeRow(context.index, row.id, mailbox);
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
