// One side in memory, hostile on request: each call may fail before or after its effect, with any code, or be late.
// It behaves as its contract says and no kinder: a refused version is a conflict, an unknown id is missing.

import {
  type AppointmentChanges,
  type AppointmentContent,
  type DeleteResult,
  type ErrorCode,
  type Evidence,
  failure,
  type Item,
  type ItemContent,
  type ItemKind,
  type ItemRead,
  type ItemRow,
  type Outcome,
  type Side,
  type Stamp,
  success,
  type WriteResult,
} from '@lockstep/contracts';
import { contentHash, type Said, startOf } from '@lockstep/items';

export type Operation =
  | 'read'
  | 'list'
  | 'create'
  | 'write'
  | 'remove'
  | 'stamp'
  | 'findByStamp'
  | 'findUnstamped'
  | 'evidence';

/** `after`: the effect happened, the answer is lost. `hang`: the effect happens when it is let go. */
export type Fault =
  | { readonly when: 'before' | 'after'; readonly code: ErrorCode; readonly backOffMs?: number }
  | { readonly when: 'late'; readonly until: Promise<void> };

export interface Held {
  readonly item: Item;
  /** SuperOffice: the row was made by our own associate. */
  readonly ours: boolean;
}

export interface Touched {
  readonly side: Side;
  readonly kind: ItemKind;
  readonly id: string;
  readonly vanished: boolean;
  readonly version: string | undefined;
}

export class FakeSide {
  readonly side: Side;
  /** By kind and id: ids of two kinds may be equal. */
  readonly items = new Map<string, Held>();
  /** Every call that had an effect on an item, by us. */
  readonly writes: { readonly operation: Operation; readonly id: string }[] = [];
  calls = 0;
  /** What the transaction log of SuperOffice says of a row that was deleted. */
  deleteRecord: 'found' | 'none' | 'unreadable' = 'found';
  mayRead = true;
  fault: (operation: Operation, count: number) => Fault | undefined = () => undefined;
  /** So many results fit into one reply to a read, as when texts are long; the rest is left out. */
  fitting = Number.POSITIVE_INFINITY;
  /** True for an item that is there and that this call does not show, as while a mailbox moves or a replica lags. */
  blind: (operation: Operation, id: string) => boolean = () => false;
  /** Items that are listed and that no read gives, with the code of their failure. */
  readonly unreadable = new Map<string, ErrorCode>();
  onTouched: (touched: Touched) => void = () => undefined;
  /** Clock of this side's server. */
  now: () => number = () => Date.now();
  readonly #counts = new Map<Operation, number>();
  readonly #lastId = new Map<ItemKind, number>();
  #lastVersion = 0;

  constructor(side: Side) {
    this.side = side;
  }

  /** What a person does. */
  userCreates(content: AppointmentContent, more: Partial<Item> = {}): string {
    return this.userMakes({ kind: 'appointment', content }, more);
  }

  userMakes(said: Said, more: Partial<Item> = {}): string {
    return this.#make(said, undefined, false, more);
  }

  userChanges(id: string, changes: AppointmentChanges): void {
    this.userEdits('appointment', id, changes);
  }

  userEdits(kind: ItemKind, id: string, changes: ItemContent): void {
    const held = this.#held(kind, id);
    this.#put({ ...held.item, content: { ...held.item.content, ...changes }, modifiedByUs: false }, held.ours);
  }

  userDeletes(id: string, kind: ItemKind = 'appointment'): void {
    this.#held(kind, id);
    this.#drop(kind, id);
  }

  /** A copy with everything on it, our stamp included. */
  userCopies(id: string): string {
    const { item } = this.#held('appointment', id);
    return this.#make(item, item.stamp, false);
  }

  /** The same item under another id, as after a move there and back. */
  userMoves(id: string): string {
    const { item } = this.#held('appointment', id);
    this.#drop('appointment', id);
    return this.#make(item, item.stamp, false);
  }

  all(kind: ItemKind = 'appointment'): readonly Item[] {
    return [...this.items.values()].map(({ item }) => item).filter((item) => item.kind === kind);
  }

  get(id: string, kind: ItemKind = 'appointment'): Item {
    return this.#held(kind, id).item;
  }

  read(kind: ItemKind, ids: readonly string[]): Promise<Outcome<{ results: readonly ItemRead[] }>> {
    return this.#call('read', () => ({
      results: ids.slice(0, this.fitting).map((id): ItemRead => {
        const held = this.items.get(keyOf(kind, id));
        if (held === undefined || this.blind('read', id)) return { kind: 'missing', id };
        const code = this.unreadable.get(id);
        if (code !== undefined) return { kind: 'failed', id, code, detail: 'ErrorCorruptData' };
        return { kind: 'found', item: held.item };
      }),
    }));
  }

  /** In the order of the ids, a page at a time; the cursor is the number of rows before it. */
  list(body: {
    readonly kind: ItemKind;
    readonly range?: { readonly from: string; readonly to: string };
    readonly cursor: string | null;
    readonly maxItems: number;
  }): Promise<Outcome<{ rows: readonly ItemRow[]; next: string | null }>> {
    const { kind, range, cursor, maxItems } = body;
    return this.#call('list', () => {
      const rows = this.#shown('list', kind).map((item) => rowOf(item));
      const touches = ({ start = '' }: ItemRow) => range === undefined || (start >= range.from && start < range.to);
      const from = cursor === null ? 0 : Number(cursor);
      const shown = rows.filter(touches).sort((a, b) => (a.id < b.id ? -1 : 1));
      const next = from + maxItems < shown.length ? String(from + maxItems) : null;
      return { rows: shown.slice(from, from + maxItems), next };
    });
  }

  create(said: Said, stamp: Stamp): Promise<Outcome<{ id: string; version: string }>> {
    return this.#call('create', () => {
      const id = this.#make(said, stamp, true);
      this.writes.push({ operation: 'create', id });
      return { id, version: this.get(id, said.kind).version };
    });
  }

  /** A create of SuperOffice that broke off between the row and its foreign key. */
  makeUnstamped(content: AppointmentContent): string {
    return this.#make({ kind: 'appointment', content }, undefined, true);
  }

  write(kind: ItemKind, id: string, version: string, changes: ItemContent): Promise<Outcome<WriteResult>> {
    return this.#call('write', (): WriteResult => {
      const held = this.items.get(keyOf(kind, id));
      if (held === undefined) return { kind: 'missing' };
      if (held.item.version !== version) return { kind: 'conflict' };
      this.#put({ ...held.item, content: { ...held.item.content, ...changes }, modifiedByUs: true }, held.ours);
      this.writes.push({ operation: 'write', id });
      return { kind: 'written', id, version: this.get(id, kind).version };
    });
  }

  remove(kind: ItemKind, id: string, version: string): Promise<Outcome<DeleteResult>> {
    return this.#call('remove', (): DeleteResult => {
      const held = this.items.get(keyOf(kind, id));
      if (held === undefined) return { kind: 'missing' };
      if (held.item.version !== version) return { kind: 'conflict' };
      this.#drop(kind, id);
      this.writes.push({ operation: 'remove', id });
      return { kind: 'deleted' };
    });
  }

  /** A property of the item at Exchange, which makes a new version; at SuperOffice a foreign key beside the row. */
  stamp(kind: ItemKind, id: string, version: string, stamp: Stamp): Promise<Outcome<WriteResult>> {
    return this.#call('stamp', (): WriteResult => {
      const held = this.items.get(keyOf(kind, id));
      if (this.side === 'superoffice') {
        if (held !== undefined) this.items.set(keyOf(kind, id), { ...held, item: { ...held.item, stamp } });
        return { kind: 'written', id, version };
      }
      if (held === undefined) return { kind: 'missing' };
      if (held.item.version !== version) return { kind: 'conflict' };
      this.#put({ ...held.item, stamp, modifiedByUs: true }, held.ours);
      return { kind: 'written', id, version: this.get(id, kind).version };
    });
  }

  findByStamp(kind: ItemKind, stamp: Stamp, anyMailbox = false): Promise<Outcome<{ rows: readonly ItemRow[] }>> {
    const isIt = ({ stamp: its }: Item) =>
      its?.linkId === stamp.linkId && (anyMailbox || its.mailbox === stamp.mailbox);
    return this.#call('findByStamp', () => ({ rows: this.#shown('findByStamp', kind).filter(isIt).map(rowOf) }));
  }

  findUnstamped(kind: ItemKind, since: string): Promise<Outcome<{ items: readonly Item[] }>> {
    const isIt = ({ item, ours }: Held) => ours && item.stamp === undefined && (item.createdAt ?? '') >= since;
    return this.#call('findUnstamped', () => ({
      items: [...this.items.values()]
        .filter(isIt)
        .map(({ item }) => item)
        .filter((item) => item.kind === kind),
    }));
  }

  evidence(kind: ItemKind, id: string): Promise<Outcome<Evidence>> {
    return this.#call('evidence', () => ({ readable: this.mayRead, deleteRecord: this.#deleteRecordOf(kind, id) }));
  }

  #deleteRecordOf(kind: ItemKind, id: string): Evidence['deleteRecord'] {
    return this.deleteRecord === 'found' && this.items.has(keyOf(kind, id)) ? 'none' : this.deleteRecord;
  }

  #shown(operation: Operation, kind: ItemKind): readonly Item[] {
    return this.all(kind).filter(({ id }) => !this.blind(operation, id));
  }

  async #call<T>(operation: Operation, effect: () => T): Promise<Outcome<T>> {
    this.calls++;
    const count = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, count);
    const fault = this.fault(operation, count);
    if (fault?.when === 'late') await fault.until;
    const told = fault !== undefined && 'backOffMs' in fault ? { backOffMs: fault.backOffMs ?? 0 } : {};
    if (fault?.when === 'before') return failure(fault.code, told);
    const value = effect();
    return fault?.when === 'after' ? failure(fault.code, told) : success(value);
  }

  #make({ kind, content }: Said, stamp: Stamp | undefined, ours: boolean, more: Partial<Item> = {}): string {
    const number = (this.#lastId.get(kind) ?? 0) + 1;
    this.#lastId.set(kind, number);
    const id = `${this.side}-${number}`;
    const made = { kind, id, version: '', shape: 'single', content, createdAt: new Date(this.now()).toISOString() };
    this.#put({ ...made, modifiedByUs: ours, ...(stamp === undefined ? {} : { stamp }), ...more }, ours);
    return id;
  }

  #put(item: Item, ours: boolean): void {
    const { kind, id } = item;
    const version = `${++this.#lastVersion}/${contentHash(item)}`;
    const modifiedAt = new Date(this.now()).toISOString();
    this.items.set(keyOf(kind, id), { item: { ...item, version, modifiedAt }, ours });
    this.onTouched({ side: this.side, kind, id, vanished: false, version });
  }

  #drop(kind: ItemKind, id: string): void {
    this.items.delete(keyOf(kind, id));
    this.onTouched({ side: this.side, kind, id, vanished: true, version: undefined });
  }

  #held(kind: ItemKind, id: string): Held {
    const held = this.items.get(keyOf(kind, id));
    if (held === undefined) throw new Error(`${this.side} has no ${kind} ${id}`);
    return held;
  }
}

const keyOf = (kind: ItemKind, id: string) => `${kind}:${id}`;

export function rowOf(item: Item): ItemRow {
  const { id, version, shape, stamp, uid } = item;
  const start = startOf(item, 'UTC');
  return { id, version, shape, ...(start ? { start } : {}), ...(stamp ? { stamp } : {}), ...(uid ? { uid } : {}) };
}
