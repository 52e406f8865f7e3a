// One side in memory, hostile on request: each call may fail before or after its effect, with any code, or be late.
// It behaves as its contract says and no kinder: a refused version is a conflict, an unknown id is missing.

import {
  type Appointment,
  type AppointmentChanges,
  type AppointmentContent,
  type AppointmentRow,
  type DeleteResult,
  type ErrorCode,
  failure,
  type Outcome,
  type ReadResult,
  type Side,
  type Stamp,
  success,
  type WriteResult,
} from '@lockstep/contracts';
import { contentHash } from '@lockstep/items';

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
  | { readonly when: 'before' | 'after'; readonly code: ErrorCode }
  | { readonly when: 'late'; readonly until: Promise<void> };

export interface Held {
  readonly item: Appointment;
  /** SuperOffice: the row was made by our own associate. */
  readonly ours: boolean;
}

export interface Touched {
  readonly side: Side;
  readonly id: string;
  readonly vanished: boolean;
  readonly version: string | undefined;
}

export class FakeSide {
  readonly side: Side;
  readonly items = new Map<string, Held>();
  /** Every call that had an effect on an item, by us. */
  readonly writes: { readonly operation: Operation; readonly id: string }[] = [];
  calls = 0;
  /** What the transaction log of SuperOffice says of a row that was deleted. */
  deleteRecord: 'found' | 'none' | 'unreadable' = 'found';
  mayRead = true;
  fault: (operation: Operation, count: number) => Fault | undefined = () => undefined;
  onTouched: (touched: Touched) => void = () => undefined;
  /** Clock of this side's server. */
  now: () => number = () => Date.now();
  readonly #counts = new Map<Operation, number>();
  #next = 1;

  constructor(side: Side) {
    this.side = side;
  }

  /** What a person does. */
  userCreates(content: AppointmentContent, more: Partial<Appointment> = {}): string {
    return this.#make(content, undefined, false, more);
  }

  userChanges(id: string, changes: AppointmentChanges): void {
    const held = this.#held(id);
    this.#put({ ...held.item, content: { ...held.item.content, ...changes }, modifiedByUs: false }, held.ours);
  }

  userDeletes(id: string): void {
    this.#held(id);
    this.#drop(id);
  }

  /** A copy with everything on it, our stamp included. */
  userCopies(id: string): string {
    const { item } = this.#held(id);
    return this.#make(item.content, item.stamp, false);
  }

  /** The same item under another id, as after a move there and back. */
  userMoves(id: string): string {
    const { item } = this.#held(id);
    this.#drop(id);
    return this.#make(item.content, item.stamp, false);
  }

  all(): readonly Appointment[] {
    return [...this.items.values()].map(({ item }) => item);
  }

  get(id: string): Appointment {
    return this.#held(id).item;
  }

  read(ids: readonly string[]): Promise<Outcome<{ results: readonly ReadResult[] }>> {
    return this.#call('read', () => ({
      results: ids.map((id): ReadResult => {
        const held = this.items.get(id);
        return held === undefined ? { kind: 'missing', id } : { kind: 'found', item: held.item };
      }),
    }));
  }

  list(from: string, to: string): Promise<Outcome<readonly AppointmentRow[]>> {
    return this.#call('list', () => {
      const rows = this.all().map((item) => rowOf(item));
      const touches = ({ start }: AppointmentRow) => start !== undefined && start >= from && start < to;
      return rows.filter(touches).sort((a, b) => ((a.start ?? '') < (b.start ?? '') ? -1 : 1));
    });
  }

  create(content: AppointmentContent, stamp: Stamp): Promise<Outcome<{ id: string; version: string }>> {
    return this.#call('create', () => {
      const id = this.#make(content, stamp, true);
      this.writes.push({ operation: 'create', id });
      return { id, version: this.get(id).version };
    });
  }

  /** A create of SuperOffice that broke off between the row and its foreign key. */
  makeUnstamped(content: AppointmentContent): string {
    return this.#make(content, undefined, true);
  }

  write(id: string, version: string, changes: AppointmentChanges, stamp?: Stamp): Promise<Outcome<WriteResult>> {
    return this.#call(stamp === undefined ? 'write' : 'stamp', (): WriteResult => {
      const held = this.items.get(id);
      if (held === undefined) return { kind: 'missing' };
      if (held.item.version !== version) return { kind: 'conflict' };
      const stamped = stamp === undefined ? {} : { stamp };
      this.#put(
        { ...held.item, ...stamped, content: { ...held.item.content, ...changes }, modifiedByUs: true },
        held.ours,
      );
      if (stamp === undefined) this.writes.push({ operation: 'write', id });
      return { kind: 'written', id, version: this.get(id).version };
    });
  }

  remove(id: string, version: string): Promise<Outcome<DeleteResult>> {
    return this.#call('remove', (): DeleteResult => {
      const held = this.items.get(id);
      if (held === undefined) return { kind: 'missing' };
      if (held.item.version !== version) return { kind: 'conflict' };
      this.#drop(id);
      this.writes.push({ operation: 'remove', id });
      return { kind: 'deleted' };
    });
  }

  /** A foreign key beside the row: the version stays. */
  stampBeside(id: string, stamp: Stamp): Promise<Outcome<object>> {
    return this.#call('stamp', () => {
      const held = this.items.get(id);
      if (held !== undefined) this.items.set(id, { ...held, item: { ...held.item, stamp } });
      return {};
    });
  }

  findByStamp(stamp: Stamp): Promise<Outcome<{ items: readonly AppointmentRow[] }>> {
    return this.#call('findByStamp', () => ({
      items: this.all()
        .filter((item) => item.stamp?.linkId === stamp.linkId && item.stamp.mailbox === stamp.mailbox)
        .map(rowOf),
    }));
  }

  findUnstamped(since: string): Promise<Outcome<{ results: readonly ReadResult[] }>> {
    return this.#call('findUnstamped', () => ({
      results: [...this.items.values()]
        .filter(({ item, ours }) => ours && item.stamp === undefined && (item.createdAt ?? '') >= since)
        .map(({ item }): ReadResult => ({ kind: 'found', item })),
    }));
  }

  evidence<T>(answer: () => T): Promise<Outcome<T>> {
    return this.#call('evidence', answer);
  }

  async #call<T>(operation: Operation, effect: () => T): Promise<Outcome<T>> {
    this.calls++;
    const count = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, count);
    const fault = this.fault(operation, count);
    if (fault?.when === 'late') await fault.until;
    if (fault?.when === 'before') return failure(fault.code);
    const value = effect();
    return fault?.when === 'after' ? failure(fault.code) : success(value);
  }

  #make(content: AppointmentContent, stamp: Stamp | undefined, ours: boolean, more: Partial<Appointment> = {}): string {
    const id = `${this.side}-${this.#next++}`;
    const createdAt = new Date(this.now()).toISOString();
    const stamped = stamp === undefined ? {} : { stamp };
    this.#put({ id, version: '', shape: 'single', content, createdAt, modifiedByUs: ours, ...stamped, ...more }, ours);
    return id;
  }

  #put(item: Appointment, ours: boolean): void {
    const version = `${this.#next++}/${contentHash(item.content)}`;
    const modifiedAt = new Date(this.now()).toISOString();
    this.items.set(item.id, { item: { ...item, version, modifiedAt }, ours });
    this.onTouched({ side: this.side, id: item.id, vanished: false, version });
  }

  #drop(id: string): void {
    this.items.delete(id);
    this.onTouched({ side: this.side, id, vanished: true, version: undefined });
  }

  #held(id: string): Held {
    const held = this.items.get(id);
    if (held === undefined) throw new Error(`${this.side} has no item ${id}`);
    return held;
  }
}

export function rowOf({ id, version, shape, content, stamp, uid }: Appointment): AppointmentRow {
  const start = content.time.kind === 'timed' ? content.time.start : `${content.time.firstDate}T00:00:00.000Z`;
  return { id, version, shape, start, ...(stamp ? { stamp } : {}), ...(uid ? { uid } : {}) };
}
