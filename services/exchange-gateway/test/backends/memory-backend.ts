// A server that is nothing but maps: the smallest thing that the port can be put in front of.
import {
  type DeleteResult,
  type Evidence,
  failure,
  type Item,
  type ItemContent,
  type ItemKind,
  type ItemRead,
  type ItemRow,
  kinds,
  type MailboxKey,
  type Outcome,
  type Stamp,
  success,
  type WriteResult,
} from '@lockstep/contracts';
import type {
  Ask,
  Asking,
  Backend,
  ChangePage,
  Folder,
  HoldWish,
  ItemWrite,
  ListPage,
  ListWish,
  Mailbox,
  SeenItem,
  ServerFacts,
  SubscriptionId,
  Watch,
  WatchEnd,
} from '../../src/backend.ts';

/** One change of the log: of this item, which is there or not afterwards. */
interface Logged {
  readonly kind: ItemKind;
  readonly id: string;
  readonly change: 'created' | 'updated' | 'deleted';
}

interface Box {
  readonly items: Map<string, Item>;
  readonly deleted: Item[];
  readonly log: Logged[];
  readonly listeners: Map<string, () => void>;
}

const gaveUp = (): Outcome<never> => failure('service-stopping');

export class MemoryBackend implements Backend {
  readonly name = 'memory';
  readonly #boxes = new Map<string, Box>();
  #serial = 0;

  async ready(): Promise<Outcome<void>> {
    return success(undefined);
  }

  async reach({ signal }: Asking): Promise<Outcome<ServerFacts>> {
    return signal.aborted ? gaveUp() : success({});
  }

  refused(): boolean {
    return false;
  }

  async getFolder(ask: Ask): Promise<Outcome<Folder>> {
    const rights = { read: true, create: true, modify: true, delete: true };
    return success({ folderId: 'all', totalCount: this.#box(ask).items.size, rights });
  }

  async changesSince(
    ask: Ask,
    folder: string,
    cookie: string | null,
    maxChanges: number,
  ): Promise<Outcome<ChangePage>> {
    const { log } = this.#box(ask);
    if (cookie !== null && !/^\d+$/.test(cookie)) return failure('exchange-sync-state-invalid');
    const from = Number(cookie ?? 0);
    const page = log.slice(from, from + maxChanges);
    const changes = page.filter(({ kind }) => kinds[kind].folder === folder);
    const syncState = String(from + page.length);
    const told = changes.map(({ id, change }) => ({ kind: change, id }));
    return success({ syncState, more: Number(syncState) < log.length, changes: told });
  }

  async read(ask: Ask, kind: ItemKind, ids: readonly string[]): Promise<Outcome<readonly ItemRead[]>> {
    return success(
      ids.map((id) => {
        const item = this.#find(ask, kind, id);
        return item === undefined ? { kind: 'missing', id } : { kind: 'found', item };
      }),
    );
  }

  async list(ask: Ask, kind: ItemKind, { cursor, maxItems }: ListWish): Promise<Outcome<ListPage>> {
    if (cursor !== null && !/^\d+$/.test(cursor)) return failure('request-invalid', { field: 'cursor' });
    const from = Number(cursor ?? 0);
    const rows = this.#rows(ask, kind);
    const next = from + maxItems;
    return success({ rows: rows.slice(from, next), next: next < rows.length ? String(next) : null });
  }

  async create(ask: Ask, kind: ItemKind, content: ItemContent, stamp: Stamp): Promise<Outcome<SeenItem>> {
    if (ask.signal.aborted) return gaveUp();
    const item = { kind, id: `id-${++this.#serial}`, version: `v-${this.#serial}`, shape: 'single', content, stamp };
    this.#box(ask).items.set(item.id, item);
    this.#changed(ask, { kind, id: item.id, change: 'created' });
    return success({ id: item.id, version: item.version });
  }

  async write(ask: Ask, kind: ItemKind, seen: SeenItem, { changes, stamp }: ItemWrite): Promise<Outcome<WriteResult>> {
    if (ask.signal.aborted) return gaveUp();
    const item = this.#find(ask, kind, seen.id);
    if (item === undefined) return success({ kind: 'missing' });
    if (item.version !== seen.version) return success({ kind: 'conflict' });
    const version = `v-${++this.#serial}`;
    const content = { ...item.content, ...changes };
    const stamped = stamp === undefined ? {} : { stamp };
    this.#box(ask).items.set(item.id, { ...item, version, content, ...stamped });
    this.#changed(ask, { kind, id: item.id, change: 'updated' });
    return success({ kind: 'written', id: item.id, version });
  }

  async remove(ask: Ask, kind: ItemKind, seen: SeenItem): Promise<Outcome<DeleteResult>> {
    if (ask.signal.aborted) return gaveUp();
    const item = this.#find(ask, kind, seen.id);
    if (item === undefined) return success({ kind: 'missing' });
    if (item.version !== seen.version) return success({ kind: 'conflict' });
    this.#box(ask).items.delete(item.id);
    this.#box(ask).deleted.push(item);
    this.#changed(ask, { kind, id: item.id, change: 'deleted' });
    return success({ kind: 'deleted' });
  }

  async findByStamp(ask: Ask, kind: ItemKind, stamp: Stamp, any: boolean): Promise<Outcome<readonly ItemRow[]>> {
    return success(
      this.#rows(ask, kind).filter(
        (row) => row.stamp?.linkId === stamp.linkId && (any || row.stamp.mailbox === stamp.mailbox),
      ),
    );
  }

  async evidence(ask: Ask, kind: ItemKind, id: string): Promise<Outcome<Evidence>> {
    const recorded = this.#box(ask).deleted.some((item) => item.kind === kind && item.id === id);
    return success({ readable: true, deleteRecord: recorded ? 'found' : 'none' });
  }

  watches(): boolean {
    return true;
  }

  openWatch(): Watch {
    return new MemoryWatch((ask) => this.#box(ask).listeners);
  }

  place(): string {
    return 'memory';
  }

  forget(): void {}

  #box({ mailbox }: Ask): Box {
    const known = this.#boxes.get(mailbox.address);
    if (known !== undefined) return known;
    const box: Box = { items: new Map(), deleted: [], log: [], listeners: new Map() };
    this.#boxes.set(mailbox.address, box);
    return box;
  }

  #find(ask: Ask, kind: ItemKind, id: string): Item | undefined {
    const item = this.#box(ask).items.get(id);
    return item?.kind === kind ? item : undefined;
  }

  #rows(ask: Ask, kind: ItemKind): readonly ItemRow[] {
    const items = [...this.#box(ask).items.values()].filter((item) => item.kind === kind);
    return items.map(({ id, version, shape, stamp }) => ({
      id,
      version,
      shape,
      ...(stamp === undefined ? {} : { stamp }),
    }));
  }

  #changed(ask: Ask, logged: Logged): void {
    const box = this.#box(ask);
    box.log.push(logged);
    for (const listener of box.listeners.values()) listener();
  }
}

class MemoryWatch implements Watch {
  readonly #listenersOf: (ask: Ask) => Map<string, () => void>;
  #anchor: MailboxKey | undefined;
  #onEvents: HoldWish['onEvents'] = () => undefined;
  #subscriptions = 0;

  constructor(listenersOf: (ask: Ask) => Map<string, () => void>) {
    this.#listenersOf = listenersOf;
  }

  get anchor(): MailboxKey | undefined {
    return this.#anchor;
  }

  async subscribe(ask: Ask): Promise<Outcome<SubscriptionId>> {
    const id = `subscription-${++this.#subscriptions}` as SubscriptionId;
    this.#anchor ??= ask.mailbox.key;
    this.#listenersOf(ask).set(id, () => this.#onEvents(new Map([[id, 1]])));
    return success(id);
  }

  async unsubscribe(ask: Ask, id: SubscriptionId): Promise<Outcome<void>> {
    this.#listenersOf(ask).delete(id);
    return success(undefined);
  }

  hangOn({ key }: Mailbox): void {
    this.#anchor = key;
  }

  hold({ onEvents, signal }: HoldWish): Promise<WatchEnd> {
    this.#onEvents = onEvents;
    return new Promise((resolve) => {
      const end = () => resolve({ clean: false, lost: [], stood: true });
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
