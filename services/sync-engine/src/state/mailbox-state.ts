// The state of one mailbox in the memory of its owner, a cache of what is stored. Memory follows storage, never the
// other way: each method writes first (compare-and-set) and changes memory when the write was taken. After anything is
// thrown here this object is void; whoever holds it drops it and takes the mailbox over anew.
import type { Bucket } from '@lockstep/bus';
import { type ItemKind, type LinkId, type MailboxKey, type Side, UnreadableRecord } from '@lockstep/contracts';
import { knownLink, type Link, type StoredLink } from './link.ts';
import { LinkChunks } from './link-chunks.ts';
import { LinkTable } from './link-table.ts';
import { emptyRecord, type MailboxRecord, mailboxRecord } from './mailbox-record.ts';
import { NewerOwner, StateConflict } from './state-error.ts';

export interface StateStore {
  readonly mailboxes: Bucket;
  readonly links: Bucket;
  /** A chunk of links whose stored form is larger than this is split. */
  readonly splitBytes: number;
}

/** Reads a mailbox's record without taking it over. Throws `UnreadableRecord`. */
export async function readRecord(
  store: StateStore,
  mailbox: MailboxKey,
): Promise<{ readonly record: MailboxRecord; readonly revision: number } | undefined> {
  const entry = await store.mailboxes.getBytes(mailbox);
  if (entry === undefined) return undefined;
  return { record: mailboxRecord.valueOf(mailbox, entry.value), revision: entry.revision };
}

/** What can be seen of a mailbox's state. */
export interface MailboxView {
  readonly record: MailboxRecord;
  links(): Iterable<Link>;
}

export class MailboxState implements MailboxView {
  readonly mailbox: MailboxKey;
  readonly #store: StateStore;
  readonly #chunks: LinkChunks;
  readonly #links = new LinkTable();
  #record: MailboxRecord;
  #revision: number;

  private constructor(store: StateStore, mailbox: MailboxKey, record: MailboxRecord, revision: number) {
    this.mailbox = mailbox;
    this.#store = store;
    this.#record = record;
    this.#revision = revision;
    const { links: bucket, splitBytes } = store;
    this.#chunks = new LinkChunks({ bucket, mailbox, epoch: record.epoch, splitBytes });
  }

  /**
   * Writes our epoch into the mailbox's record and then reads all links. From that write on, whatever a former owner
   * tries to begin is refused. Throws `NewerOwner`, `StateConflict`, `UnreadableRecord`.
   */
  static async takeOver(store: StateStore, mailbox: MailboxKey, epoch: number): Promise<MailboxState> {
    const found = await readRecord(store, mailbox);
    if (found !== undefined && found.record.epoch > epoch) throw new NewerOwner(mailbox, found.record.epoch, epoch);
    const record = { ...(found?.record ?? emptyRecord(epoch)), epoch };
    const written =
      found === undefined
        ? await store.mailboxes.create(mailbox, record)
        : await store.mailboxes.update(mailbox, record, found.revision);
    if (written.kind === 'conflict') throw new StateConflict(mailbox);
    const state = new MailboxState(store, mailbox, record, written.revision);
    for (const link of known(await state.#chunks.load())) state.#links.put(link);
    return state;
  }

  /** Reads the stored state without taking it over: only for showing it. */
  static async look(store: StateStore, mailbox: MailboxKey): Promise<MailboxView> {
    const found = await readRecord(store, mailbox);
    if (found === undefined) return { record: emptyRecord(0), links: () => [] };
    const { links: bucket, splitBytes } = store;
    const links = await new LinkChunks({ bucket, mailbox, epoch: found.record.epoch, splitBytes }).load();
    return { record: found.record, links: () => known(links) };
  }

  get record(): MailboxRecord {
    return this.#record;
  }

  get linkCount(): number {
    return this.#links.size;
  }

  link(linkId: LinkId): Link | undefined {
    return this.#links.get(linkId);
  }

  linkOf(side: Side, kind: ItemKind, id: string): Link | undefined {
    return this.#links.find(side, kind, id);
  }

  links(): IterableIterator<Link> {
    return this.#links.all();
  }

  async saveRecord(changes: Partial<Omit<MailboxRecord, 'v' | 'epoch'>>): Promise<void> {
    const record = { ...this.#record, ...changes };
    const written = await this.#store.mailboxes.update(this.mailbox, record, this.#revision);
    if (written.kind === 'conflict') throw new StateConflict(this.mailbox);
    this.#record = record;
    this.#revision = written.revision;
  }

  async saveLink(link: Link): Promise<void> {
    await this.#chunks.save([link], []);
    this.#links.put(link);
  }

  async removeLink(linkId: LinkId): Promise<void> {
    await this.#chunks.save([], [linkId]);
    this.#links.remove(linkId);
  }
}

/**
 * Makes what is stored of a mailbox readable again: what is damaged begins empty, what can be read stays. A full compare has
 * to follow, which finds the lost links by their stamps. Answers how many records began empty. Throws `NewerOwner`,
 * `StateConflict`, and `UnreadableRecord` for a newer record.
 */
export async function repairState(store: StateStore, mailbox: MailboxKey, epoch: number): Promise<number> {
  const entry = await store.mailboxes.getBytes(mailbox);
  const reading = entry === undefined ? undefined : mailboxRecord.read(entry.value);
  if (reading?.kind === 'newer') throw new UnreadableRecord(mailboxRecord.name, mailbox, reading);
  const found = reading?.kind === 'ok' ? reading.value : emptyRecord(epoch);
  if (found.epoch > epoch) throw new NewerOwner(mailbox, found.epoch, epoch);
  // First the record, with our epoch: a former owner is refused from here on. A compare begins anew.
  const { compare: _position, ...record } = { ...found, epoch };
  const written =
    entry === undefined
      ? await store.mailboxes.create(mailbox, record)
      : await store.mailboxes.update(mailbox, record, entry.revision);
  if (written.kind === 'conflict') throw new StateConflict(mailbox);
  const { links: bucket, splitBytes } = store;
  const chunks = await new LinkChunks({ bucket, mailbox, epoch, splitBytes }).repair();
  return chunks + (reading?.kind === 'damaged' ? 1 : 0);
}

/** Links of kinds that this release knows; others stay stored and untouched. */
function known(links: readonly StoredLink[]): readonly Link[] {
  return links.map(knownLink).filter((link) => link !== undefined);
}
