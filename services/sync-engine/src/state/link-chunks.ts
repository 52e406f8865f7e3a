// The stored chunks of one mailbox's links: where each link lies, with the revision that its next write needs.
// A split writes both halves first and the signpost last, so that a crash in between leaves the old chunk in force.
import type { Bucket } from '@lockstep/bus';
import { type LinkId, type MailboxKey, UnreadableRecord } from '@lockstep/contracts';
import type { StoredLink } from './link.ts';
import {
  type ChunkPlace,
  chunkKey,
  encodeChunk,
  firstPlaces,
  halvesOf,
  type LinkChunk,
  linkChunk,
  placeOf,
} from './link-chunk.ts';
import { StateConflict } from './state-error.ts';

interface Leaf {
  readonly revision: number | undefined;
  readonly links: ReadonlyMap<LinkId, StoredLink>;
}

export interface LinkChunksOptions {
  readonly bucket: Bucket;
  readonly mailbox: MailboxKey;
  readonly epoch: number;
  /** A chunk whose stored form is larger than this is split. */
  readonly splitBytes: number;
}

export class LinkChunks {
  readonly #options: LinkChunksOptions;
  readonly #leaves = new Map<ChunkPlace, Leaf>();

  constructor(options: LinkChunksOptions) {
    this.#options = options;
  }

  /** Reads every chunk. Throws `UnreadableRecord`. */
  async load(): Promise<readonly StoredLink[]> {
    this.#leaves.clear();
    await Promise.all(firstPlaces.map((place) => this.#load(place)));
    return [...this.#leaves.values()].flatMap((leaf) => [...leaf.links.values()]);
  }

  /** Stores changed links and removes others, one write a chunk. Throws `StateConflict` when somebody else wrote. */
  async save(put: readonly StoredLink[], removed: readonly LinkId[]): Promise<void> {
    const changed = new Map<ChunkPlace, Map<LinkId, StoredLink>>();
    const linksOf = (linkId: LinkId): Map<LinkId, StoredLink> => {
      const place = this.#leafOf(linkId);
      const links = changed.get(place) ?? new Map(this.#leaves.get(place)?.links);
      changed.set(place, links);
      return links;
    };
    for (const link of put) linksOf(link.linkId).set(link.linkId, link);
    for (const linkId of removed) linksOf(linkId).delete(linkId);
    for (const [place, links] of changed) await this.#write(place, links);
  }

  /** Makes every chunk readable again: a damaged one begins empty. Answers how many did. Throws like `load` for a newer one. */
  async repair(): Promise<number> {
    const repaired = await Promise.all(firstPlaces.map((place) => this.#repair(place)));
    return repaired.reduce((sum, count) => sum + count, 0);
  }

  async #repair(place: ChunkPlace): Promise<number> {
    const { bucket, mailbox, epoch } = this.#options;
    const key = chunkKey(mailbox, place);
    const entry = await bucket.getBytes(key);
    if (entry === undefined) return 0;
    const reading = linkChunk.read(entry.value);
    if (reading.kind === 'newer') throw new UnreadableRecord(linkChunk.name, key, reading);
    if (reading.kind === 'ok' && reading.value.kind === 'links') return 0;
    const halves = halvesOf(place);
    if (reading.kind === 'damaged') {
      const below = await Promise.all(halves.map((half) => bucket.getBytes(chunkKey(mailbox, half))));
      // With halves below it was a signpost most likely; links of a split that broke off are checked like any others.
      const isSignpost = below.some((half) => half !== undefined);
      await this.#put(place, encodeChunk(isSignpost ? 'split' : 'links', epoch, []), entry.revision);
    }
    const inHalves = await Promise.all(halves.map((half) => this.#repair(half)));
    return inHalves.reduce((sum, count) => sum + count, reading.kind === 'damaged' ? 1 : 0);
  }

  async #load(place: ChunkPlace): Promise<void> {
    const key = chunkKey(this.#options.mailbox, place);
    const entry = await this.#options.bucket.getBytes(key);
    if (entry === undefined) {
      this.#leaves.set(place, { revision: undefined, links: new Map() });
      return;
    }
    const chunk = linkChunk.valueOf(key, entry.value);
    if (chunk.kind === 'split') {
      await Promise.all(halvesOf(place).map((half) => this.#load(half)));
      return;
    }
    this.#leaves.set(place, {
      revision: entry.revision,
      links: new Map(chunk.links.map((link) => [link.linkId, link])),
    });
  }

  #leafOf(linkId: LinkId): ChunkPlace {
    const bits = placeOf(linkId);
    for (let length = firstPlaces[0]?.length ?? 0; length <= bits.length; length++) {
      const place = bits.slice(0, length);
      if (this.#leaves.has(place)) return place;
    }
    throw new Error('the links of this mailbox are not loaded');
  }

  async #write(place: ChunkPlace, links: ReadonlyMap<LinkId, StoredLink>): Promise<void> {
    const leaf = this.#leaves.get(place);
    const bytes = encodeChunk('links', this.#options.epoch, [...links.values()]);
    if (bytes.byteLength > this.#options.splitBytes && links.size > 1) {
      await this.#split(place, links, leaf?.revision);
      return;
    }
    const revision = await this.#put(place, bytes, leaf?.revision);
    this.#leaves.set(place, { revision, links });
  }

  async #split(place: ChunkPlace, links: ReadonlyMap<LinkId, StoredLink>, revision: number | undefined): Promise<void> {
    for (const half of halvesOf(place)) {
      const within = new Map([...links].filter(([linkId]) => placeOf(linkId).startsWith(half)));
      // What lies there already was left by a split that crashed before its signpost: it counts for nothing.
      const leftover = await this.#options.bucket.getBytes(chunkKey(this.#options.mailbox, half));
      this.#leaves.set(half, { revision: leftover?.revision, links: new Map() });
      await this.#write(half, within);
    }
    const signpost: LinkChunk['kind'] = 'split';
    await this.#put(place, encodeChunk(signpost, this.#options.epoch, []), revision);
    this.#leaves.delete(place);
  }

  async #put(place: ChunkPlace, bytes: Uint8Array, revision: number | undefined): Promise<number> {
    const key = chunkKey(this.#options.mailbox, place);
    const { bucket } = this.#options;
    const written =
      revision === undefined ? await bucket.createBytes(key, bytes) : await bucket.updateBytes(key, bytes, revision);
    if (written.kind === 'conflict') throw new StateConflict(key);
    return written.revision;
  }
}
