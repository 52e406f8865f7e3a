// Who shares a streaming connection with whom, in the bucket `streaming-groups` under the key `groups`: so that every gateway has the
// same groups, and who is in one stays in it whoever else comes or goes. Places are only given, by compare-and-set; the place of a
// mailbox that is no longer linked is given to another when one is needed.
import type { Bucket } from '@lockstep/bus';
import { type Data, type MailboxKey, recordVersion, storedRecord, UnreadableRecord } from '@lockstep/contracts';
import { Type } from 'typebox';

const GroupRecord = Type.Object({
  v: recordVersion,
  groups: Type.Array(Type.Object({ id: Type.String(), backend: Type.String(), members: Type.Array(Type.String()) })),
});
type GroupRecord = Data<typeof GroupRecord>;
export type StoredGroup = GroupRecord['groups'][number];

const groupRecord = storedRecord({ name: 'streaming groups', version: 1, schema: GroupRecord });
const key = 'groups';

export interface StoredGroups {
  readonly groups: readonly StoredGroup[];
  /** 0 when nothing is stored yet. */
  readonly revision: number;
}

/** Who needs a place, by the name of the backend. */
export type Placing = ReadonlyMap<MailboxKey, string>;

/** Throws `BusError`, and `UnreadableRecord` for a record of a newer release. A damaged one begins anew: everybody is subscribed again. */
export async function loadGroups(bucket: Bucket): Promise<StoredGroups> {
  const entry = await bucket.getBytes(key);
  if (entry === undefined) return { groups: [], revision: 0 };
  const reading = groupRecord.read(entry.value);
  if (reading.kind === 'newer') throw new UnreadableRecord(groupRecord.name, key, reading);
  return { groups: reading.kind === 'ok' ? reading.value.groups : [], revision: entry.revision };
}

/** Undefined when another gateway wrote meanwhile. Throws `BusError`. */
export async function saveGroups(bucket: Bucket, groups: readonly StoredGroup[], revision: number) {
  const record = { v: groupRecord.version, groups };
  const written = revision === 0 ? await bucket.create(key, record) : await bucket.update(key, record, revision);
  return written.kind === 'written' ? { groups, revision: written.revision } : undefined;
}

/**
 * The groups with a place for everybody, undefined when everybody has one. Who has one keeps it; a new one joins the last group of its
 * backend that has room. `linked`: whose places are kept, although they may not be watched at present.
 */
export function placed(
  groups: readonly StoredGroup[],
  wanted: Placing,
  linked: ReadonlySet<MailboxKey>,
  size: number,
): readonly StoredGroup[] | undefined {
  const places = new Set(groups.flatMap(({ backend, members }) => members.map((member) => `${backend} ${member}`)));
  const missing = [...wanted].filter(([mailbox, backend]) => !places.has(`${backend} ${mailbox}`));
  if (missing.length === 0) return undefined;
  const moved = new Set<string>(missing.map(([mailbox]) => mailbox));
  const next = groups.map((group) => ({
    ...group,
    members: group.members.filter((member) => linked.has(member as MailboxKey) && !moved.has(member)),
  }));
  for (const [mailbox, backend] of missing) {
    const own = next.filter((group) => group.backend === backend);
    const room = own.findLast(({ members }) => members.length < size);
    if (room !== undefined) room.members.push(mailbox);
    else next.push({ id: `${backend}-${own.length}`, backend, members: [mailbox] });
  }
  return next;
}
