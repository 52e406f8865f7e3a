// The store in a file: one line for the head, then one a mailbox, then the accounts. Written beside and renamed, so that a
// crash leaves the older one whole; lines, because one text for a million items would be longer than a string may be.
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Account, Directory } from './directory.ts';
import type { Folder, Tombstone } from './folder.ts';
import type { ExtendedProperty, StoredItem } from './item.ts';
import type { LostSpan } from './lost-span.ts';
import type { Mailbox, MailboxIdentity } from './mailbox.ts';
import type { Outbox, SentMessage } from './outbox.ts';
import type { FolderPermission } from './permissions.ts';
import type { Photos } from './photos.ts';
import type { Serials } from './serials.ts';

const formatVersion = 1;

/** What an earlier run left behind, beside what is in the directory. */
export interface Inheritance {
  readonly lastSerial: number;
  readonly clockOffsetMs: number;
  readonly lostSpans: readonly (readonly [number, number])[];
}

/** What is written. */
export interface StoredServer {
  readonly serials: Serials;
  readonly clock: { readonly offsetMs: number };
  readonly lostSpan: LostSpan;
  readonly directory: Directory;
  readonly outbox: Outbox;
}

interface Head extends Inheritance {
  readonly format: typeof formatVersion;
}

interface StoredFolder
  extends Pick<
    Folder,
    'serial' | 'distinguishedName' | 'displayName' | 'folderClass' | 'created' | 'changed' | 'forgotten'
  > {
  readonly parent: number | undefined;
  readonly permissions?: readonly (readonly [string, FolderPermission])[];
  readonly extended?: readonly ExtendedProperty[];
  readonly tombstones: readonly Tombstone[];
  readonly items: readonly StoredItem[];
}

/** What is optional here is not in snapshots of release 0.1.0. */
interface MailboxLine {
  readonly kind: 'mailbox';
  readonly identity: MailboxIdentity;
  readonly aliases: readonly string[];
  readonly folders: readonly StoredFolder[];
  readonly folderTombstones?: readonly Tombstone[];
  readonly photos?: Photos;
}

type Line =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'outbox'; readonly sent: readonly SentMessage[] }
  | MailboxLine;

/** @throws Error when the file cannot be written; the older one stays then */
export async function writeSnapshot(server: StoredServer, file: string): Promise<void> {
  const temporary = `${file}.tmp`;
  const stream = createWriteStream(temporary);
  const head: Head = {
    format: formatVersion,
    lastSerial: server.serials.last,
    clockOffsetMs: server.clock.offsetMs,
    lostSpans: server.lostSpan.toJSON(),
  };
  for (const line of lines(head, server)) {
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  await flush(temporary);
  await rename(temporary, file);
}

function* lines(head: Head, { directory, outbox }: StoredServer): Generator<Head | Line> {
  yield head;
  yield { kind: 'outbox', sent: outbox.after(0) };
  for (const account of directory.accounts()) yield { kind: 'account', account };
  for (const mailbox of directory.mailboxes()) {
    const { identity, aliases, folderTombstones, photos } = mailbox;
    const folders = parentsFirst(mailbox).map(storeFolder);
    yield { kind: 'mailbox', identity, aliases, folders, folderTombstones, photos };
  }
}

function parentsFirst({ folders }: Mailbox): readonly Folder[] {
  return [...folders.values()].filter(({ parent }) => parent === undefined).flatMap((each) => [...each.tree()]);
}

function storeFolder(folder: Folder): StoredFolder {
  const { serial, distinguishedName, displayName, folderClass, created, changed, forgotten, tombstones } = folder;
  const items = [...folder.items.values()].map(({ folder: _folder, ...item }) => item);
  const parent = folder.parent?.serial;
  const permissions = [...folder.permissions];
  const { extended } = folder;
  return {
    permissions,
    extended,
    serial,
    distinguishedName,
    displayName,
    folderClass,
    created,
    changed,
    forgotten,
    parent,
    tombstones,
    items,
  };
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
}

/** The head and the rest of a snapshot; undefined when there is none. @throws Error when the file is not ours */
export async function readSnapshot(
  file: string,
): Promise<{ readonly head: Inheritance; readonly lines: readonly Line[] } | undefined> {
  if (!existsSync(file)) return undefined;
  let head: Head | undefined;
  const rest: Line[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (head === undefined) head = JSON.parse(line) as Head;
    else rest.push(JSON.parse(line) as Line);
  }
  if (head?.format !== formatVersion) throw new Error(`The snapshot ${file} has another format.`);
  return { head, lines: rest };
}

/** Puts what was read into an empty server. Release 0.1.0 wrote no outbox. */
export function restore({ directory, outbox }: StoredServer, read: readonly Line[]): void {
  for (const line of read) {
    if (line.kind === 'account') directory.setAccount(line.account);
    else if (line.kind === 'outbox') outbox.restore(line.sent);
    else restoreMailbox(directory, directory.restoreMailbox(line.identity), line);
  }
}

function restoreMailbox(directory: Directory, mailbox: Mailbox, line: MailboxLine): void {
  const { aliases, folders } = line;
  mailbox.folderTombstones = [...(line.folderTombstones ?? [])];
  mailbox.photos = line.photos ?? {};
  for (const alias of aliases) directory.addAlias(mailbox, alias);
  for (const stored of folders) {
    const parent = stored.parent === undefined ? undefined : mailbox.folders.get(stored.parent);
    const folder = mailbox.addFolder({ ...stored, parent, createdAt: stored.created });
    for (const item of stored.items) mailbox.put({ ...item, folder });
    folder.tombstones = [...stored.tombstones];
    for (const [who, permission] of stored.permissions ?? []) folder.permissions.set(who, permission);
    folder.extended = stored.extended ?? [];
    folder.forgotten = stored.forgotten;
    folder.changed = stored.changed;
  }
}
