// The links of one mailbox in memory, found by link id and by the id on either side. Changed only after the store took it.
import type { Side } from '@lockstep/contracts';
import type { Link } from './link.ts';

export class LinkTable {
  readonly #byLinkId = new Map<string, Link>();
  readonly #byItem = { exchange: new Map<string, string>(), superoffice: new Map<string, string>() };

  get size(): number {
    return this.#byLinkId.size;
  }

  get(linkId: string): Link | undefined {
    return this.#byLinkId.get(linkId);
  }

  /** The link whose item on this side has this id. */
  find(side: Side, id: string): Link | undefined {
    const linkId = this.#byItem[side].get(id);
    return linkId === undefined ? undefined : this.#byLinkId.get(linkId);
  }

  all(): IterableIterator<Link> {
    return this.#byLinkId.values();
  }

  put(link: Link): void {
    this.remove(link.linkId);
    this.#byLinkId.set(link.linkId, link);
    this.#byItem.exchange.set(link.exchange.id, link.linkId);
    this.#byItem.superoffice.set(link.superoffice.id, link.linkId);
  }

  remove(linkId: string): void {
    const link = this.#byLinkId.get(linkId);
    if (link === undefined) return;
    this.#byLinkId.delete(linkId);
    for (const side of ['exchange', 'superoffice'] as const) {
      if (this.#byItem[side].get(link[side].id) === linkId) this.#byItem[side].delete(link[side].id);
    }
  }
}
