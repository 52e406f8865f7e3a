// The links of one mailbox in memory, found by link id and by kind and id on either side. Changed only after the store took it.
import type { ItemKind, LinkId, Side } from '@lockstep/contracts';
import type { Link } from './link.ts';

export class LinkTable {
  readonly #byLinkId = new Map<LinkId, Link>();
  readonly #byItem = { exchange: new Map<string, LinkId>(), superoffice: new Map<string, LinkId>() };

  get size(): number {
    return this.#byLinkId.size;
  }

  get(linkId: LinkId): Link | undefined {
    return this.#byLinkId.get(linkId);
  }

  /** The link whose item of this kind has this id on this side. */
  find(side: Side, kind: ItemKind, id: string): Link | undefined {
    const linkId = this.#byItem[side].get(`${kind}:${id}`);
    return linkId === undefined ? undefined : this.#byLinkId.get(linkId);
  }

  all(): IterableIterator<Link> {
    return this.#byLinkId.values();
  }

  put(link: Link): void {
    this.remove(link.linkId);
    this.#byLinkId.set(link.linkId, link);
    for (const side of ['exchange', 'superoffice'] as const) this.#byItem[side].set(keyOf(link, side), link.linkId);
  }

  remove(linkId: LinkId): void {
    const link = this.#byLinkId.get(linkId);
    if (link === undefined) return;
    this.#byLinkId.delete(linkId);
    for (const side of ['exchange', 'superoffice'] as const) {
      const key = keyOf(link, side);
      if (this.#byItem[side].get(key) === linkId) this.#byItem[side].delete(key);
    }
  }
}

const keyOf = (link: Link, side: Side) => `${link.kind}:${link[side].id}`;
