// The links between mailboxes and associates, in 16 chunks of the bucket `settings`.
// Deleting a link deletes nothing else: the mailbox's state stays, and so does its key, for when the user is linked again.
import {
  failure,
  type MailboxKey,
  mailboxKeyFrom,
  type Outcome,
  type RemovedLink,
  settingsKeys,
  settingsRecord,
  success,
  type UserLink,
  userLinkChunkCount,
  userLinkChunkOf,
  userLinkChunkRecord,
} from '@lockstep/contracts';
import { maxRememberedLinks } from '../config.ts';
import { formerLink, linkFault, linkTag, type UserLinkFields, withFields } from '../rules/user-links.ts';
import { instantOf, lyingAt, put, revisionsAt, type Writer } from './record.ts';
import type { StoreSurroundings } from './section-store.ts';
import type { SingleWriter } from './single-writer.ts';

interface Chunk {
  readonly number: number;
  readonly revision: number;
  readonly links: readonly UserLink[];
  readonly removed: readonly RemovedLink[];
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
    return linkIn(await this.#chunk(userLinkChunkOf(mailbox)), mailbox);
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
      const chunk = await this.#chunk(userLinkChunkOf(mailbox));
      const present = presentLink(chunk, mailbox, writer);
      if (!present.ok) return present;
      const links = chunk.links.filter((each) => each.mailbox !== mailbox);
      const gone = { ...present.value, removedAt: instantOf(this.#around.now()) };
      const removed = [...chunk.removed, gone].slice(-maxRememberedLinks);
      return this.#store({ ...chunk, links, removed }, present.value, writer, signal);
    });
  }

  async #store(chunk: Chunk, link: UserLink, writer: Writer, signal: AbortSignal): Promise<Outcome<UserLink>> {
    if (signal.aborted) return failure('service-busy');
    const { bucket, now, announce } = this.#around;
    const key = settingsKeys.userLinkChunk(chunk.number);
    const { links, removed } = chunk;
    const value = settingsRecord({ v: userLinkChunkRecord.version, links, removed }, writer.author, instantOf(now()));
    const written = await put(bucket, key, value, chunk.revision);
    if (written === undefined) return failure('settings-conflict');
    announce('user-links', written);
    return success(link);
  }

  /**
   * Puts the last readable revision of each damaged chunk in its place. Answers how many links came back; fails with
   * `stored-record-damaged` when no revision of a chunk can be read.
   */
  repair(writer: Writer): Promise<Outcome<{ readonly chunks: number; readonly links: number }>> {
    const { bucket, now, announce } = this.#around;
    return this.#around.writer.run(async () => {
      let [chunks, links] = [0, 0];
      for (let number = 0; number < userLinkChunkCount; number++) {
        const key = settingsKeys.userLinkChunk(number);
        const lying = await lyingAt(bucket, key, userLinkChunkRecord);
        if (lying.kind !== 'damaged') continue;
        const [last] = await revisionsAt(bucket, key, userLinkChunkRecord);
        if (last === undefined) return { ok: false, error: lying.error.error };
        const value = settingsRecord(last.settings, writer.author, instantOf(now()));
        const written = await put(bucket, key, value, lying.revision);
        if (written === undefined) return failure('settings-conflict');
        announce('user-links', written);
        chunks += 1;
        links += last.settings.links.length;
      }
      return success({ chunks, links });
    });
  }

  #chunks(): Promise<readonly Chunk[]> {
    return Promise.all(Array.from({ length: userLinkChunkCount }, (_, number) => this.#chunk(number)));
  }

  async #chunk(number: number): Promise<Chunk> {
    const key = settingsKeys.userLinkChunk(number);
    const lying = await lyingAt(this.#around.bucket, key, userLinkChunkRecord);
    if (lying.kind === 'nothing') return { number, revision: 0, links: [], removed: [] };
    if (lying.kind === 'damaged') throw lying.error;
    const { links, removed = [] } = lying.at.settings;
    return { number, revision: lying.at.revision, links, removed };
  }
}

function chunkIn(chunks: readonly Chunk[], mailbox: MailboxKey): Chunk {
  const chunk = chunks[userLinkChunkOf(mailbox)];
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
