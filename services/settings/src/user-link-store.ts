// The links between mailboxes and associates, in 16 chunks of the bucket `settings`.
// Deleting a link deletes nothing else: the mailbox's state stays, and so does its key, for when the user is linked again.
import type { Bucket } from '@lockstep/bus';
import {
  failure,
  fnv1a32,
  type MailboxKey,
  mailboxKeyFrom,
  type Outcome,
  SettingsRecord,
  settingsKeys,
  success,
  type UserLink,
  UserLinkChunk,
  userLinkChunkCount,
} from '@lockstep/contracts';
import { assertReadable, instantOf, record, type Writer } from './record.ts';
import type { StoreSurroundings } from './section-store.ts';
import type { SingleWriter } from './single-writer.ts';
import { formerLink, linkFault, linkTag, type UserLinkFields, withFields } from './user-link-rules.ts';

/** Deleted links that a chunk remembers; beyond them the oldest is forgotten. */
const maxRemembered = 500;

const StoredChunk = SettingsRecord(UserLinkChunk);

interface Chunk {
  readonly number: number;
  readonly revision: number;
  readonly links: readonly UserLink[];
  readonly removed: readonly UserLink[];
}

export interface UserLinkSurroundings extends StoreSurroundings {
  readonly writer: SingleWriter;
  /** Ten unpredictable bytes for a new mailbox key. */
  readonly random: () => Uint8Array;
}

export class UserLinkStore {
  readonly #around: UserLinkSurroundings;

  constructor(surroundings: UserLinkSurroundings) {
    this.#around = surroundings;
  }

  async all(): Promise<readonly UserLink[]> {
    return (await this.#chunks()).flatMap(({ links }) => links);
  }

  async get(mailbox: MailboxKey): Promise<UserLink | undefined> {
    return linkIn(await this.#chunk(chunkOf(mailbox)), mailbox);
  }

  /** Links a user. Who was linked before, the same address to the same associate, gets the same mailbox key again. */
  add(fields: UserLinkFields, writer: Writer): Promise<Outcome<UserLink>> {
    return this.#around.writer.run(async (signal) => {
      const chunks = await this.#chunks();
      const former = formerLink(
        fields,
        chunks.flatMap(({ removed }) => removed),
      );
      const blank: UserLink = {
        ...fields,
        mailbox: former?.mailbox ?? mailboxKeyFrom(this.#around.random()),
        linkedAt: instantOf(this.#around.now()),
      };
      const link = withFields(blank, fields);
      const fault = linkFault(link, linksIn(chunks));
      if (fault !== undefined) return { ok: false, error: fault };
      const chunk = chunkIn(chunks, link.mailbox);
      const removed = chunk.removed.filter(({ mailbox }) => mailbox !== link.mailbox);
      return this.#store({ ...chunk, links: [...chunk.links, link], removed }, link, writer, signal);
    });
  }

  /** Changes a link. The address may change: the mailbox key, and with it the state, stays. */
  update(mailbox: MailboxKey, fields: Partial<UserLinkFields>, writer: Writer): Promise<Outcome<UserLink>> {
    return this.#around.writer.run(async (signal) => {
      const chunks = await this.#chunks();
      const chunk = chunkIn(chunks, mailbox);
      const present = presentLink(chunk, mailbox, writer);
      if (!present.ok) return present;
      const link = withFields(present.value, fields);
      if (linkTag(link) === linkTag(present.value)) return present;
      const fault = linkFault(link, linksIn(chunks));
      if (fault !== undefined) return { ok: false, error: fault };
      const links = chunk.links.map((each) => (each.mailbox === mailbox ? link : each));
      return this.#store({ ...chunk, links }, link, writer, signal);
    });
  }

  /** Ends the synchronization of a user; items, links between items and history stay as they are. */
  remove(mailbox: MailboxKey, writer: Writer): Promise<Outcome<UserLink>> {
    return this.#around.writer.run(async (signal) => {
      const chunk = await this.#chunk(chunkOf(mailbox));
      const present = presentLink(chunk, mailbox, writer);
      if (!present.ok) return present;
      const links = chunk.links.filter((each) => each.mailbox !== mailbox);
      const removed = [...chunk.removed, present.value].slice(-maxRemembered);
      return this.#store({ ...chunk, links, removed }, present.value, writer, signal);
    });
  }

  async #store(chunk: Chunk, link: UserLink, writer: Writer, signal: AbortSignal): Promise<Outcome<UserLink>> {
    if (signal.aborted) return failure('service-busy');
    const { bucket, now, announce } = this.#around;
    const key = settingsKeys.userLinkChunk(chunk.number);
    const { links, removed } = chunk;
    const value = record({ v: 1, links, removed }, writer.author, instantOf(now()));
    const written = await write(bucket, key, value, chunk.revision);
    if (written.kind === 'conflict') return failure('settings-conflict');
    announce('user-links', written.revision);
    return success(link);
  }

  #chunks(): Promise<readonly Chunk[]> {
    return Promise.all(Array.from({ length: userLinkChunkCount }, (_, number) => this.#chunk(number)));
  }

  async #chunk(number: number): Promise<Chunk> {
    const key = settingsKeys.userLinkChunk(number);
    const entry = await this.#around.bucket.get(key, StoredChunk);
    if (entry === undefined) return { number, revision: 0, links: [], removed: [] };
    assertReadable(key, entry.value);
    const { links, removed = [] } = entry.value.value;
    return { number, revision: entry.revision, links, removed };
  }
}

const write = (bucket: Bucket, key: string, value: unknown, revision: number) =>
  revision === 0 ? bucket.create(key, value) : bucket.update(key, value, revision);

const chunkOf = (mailbox: MailboxKey): number => fnv1a32(mailbox) % userLinkChunkCount;

function chunkIn(chunks: readonly Chunk[], mailbox: MailboxKey): Chunk {
  const chunk = chunks[chunkOf(mailbox)];
  if (chunk === undefined) throw new RangeError('there is no such chunk of user links');
  return chunk;
}

const linksIn = (chunks: readonly Chunk[]): readonly UserLink[] => chunks.flatMap(({ links }) => links);

const linkIn = ({ links }: Chunk, mailbox: MailboxKey): UserLink | undefined =>
  links.find((link) => link.mailbox === mailbox);

function presentLink(chunk: Chunk, mailbox: MailboxKey, { ifMatch }: Writer): Outcome<UserLink> {
  const link = linkIn(chunk, mailbox);
  if (link === undefined) return failure('settings-not-found');
  if (ifMatch !== undefined && !ifMatch.includes(linkTag(link)))
    return failure('settings-conflict', { field: 'if-match' });
  return success(link);
}
