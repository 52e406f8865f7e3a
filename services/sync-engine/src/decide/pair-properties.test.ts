// Random people edit and delete on both sides while a model of the engine decides and writes, with edits that slip in
// between its reads and its writes and with reads that fail. Broken engines must be caught by the same property.

import {
  type AppointmentContent,
  codedError,
  defaultSyncSettings,
  type Item,
  type ItemContent,
  type LinkId,
  type Side,
  type UserLink,
} from '@lockstep/contracts';
import { contentHash, groupHashes } from '@lockstep/items';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Link, otherSide } from '../state/link.ts';
import { decidePair, type LostValue } from './pair.ts';
import { policyOf } from './policy.ts';
import type { Seen } from './seen.ts';

const longMs = 30_000;

type Decide = typeof decidePair;
type Field = 'title' | 'location';
type Act =
  | { readonly kind: 'edit'; readonly side: Side; readonly field: Field }
  | { readonly kind: 'delete'; readonly side: Side }
  | { readonly kind: 'step'; readonly blind?: Side | undefined; readonly between?: Act | undefined };

const user = { zone: 'Europe/Oslo', enabled: true } as UserLink;
const sides = ['exchange', 'superoffice'] as const;
const groupOf = { title: 'title', location: 'place' } as const;

const side = fc.constantFrom<Side>(...sides);
const edit: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('edit' as const),
  side,
  field: fc.constantFrom<Field>('title', 'location'),
});
const remove: fc.Arbitrary<Act> = fc.record({ kind: fc.constant('delete' as const), side });
const step: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('step' as const),
  blind: fc.option(side, { nil: undefined, freq: 4 }),
  between: fc.option(fc.oneof(edit, remove), { nil: undefined }),
});
const acts = fc.array(
  fc.oneof({ weight: 4, arbitrary: edit }, { weight: 1, arbitrary: remove }, { weight: 5, arbitrary: step }),
  {
    maxLength: 14,
  },
);

/** A value that a person gave to a field. */
interface Edit {
  readonly side: Side;
  readonly field: Field;
  readonly value: string;
  /** The other side has it: whoever overwrites it there knows it. */
  hasTravelled: boolean;
  /** Somebody gave the field another value on the other side without having seen this one. */
  isContested: boolean;
}

/** A pair of items, the people who change them, and the engine that keeps them in step. */
class Model {
  readonly #decide: Decide;
  readonly #items = new Map<Side, Item>();
  readonly lost: LostValue[] = [];
  /** Every value that a person gave to a field, in order; the last one on each side is the one that counts. */
  readonly edits: Edit[] = [];
  /** The same without end: what a person overwrote stays overwritten, even if the item where it happened is deleted then. */
  readonly everyEdit: Edit[] = [];
  readonly deletedByPerson = new Set<Side>();
  /** Sides on which a person changed something that the engine has not carried over yet. */
  readonly #unsynced = new Set<Side>();
  #link: Link | undefined;
  #tick = 0;

  constructor(decide: Decide) {
    this.#decide = decide;
    const content: AppointmentContent = {
      title: 'First',
      time: { kind: 'timed', start: '2026-11-23T08:00:00.000Z', end: '2026-11-23T09:00:00.000Z' },
      location: 'Here',
      text: { format: 'plain', content: '' },
      busy: 'busy',
      privacy: 'normal',
    };
    for (const on of sides) this.#put(on, content, true);
    const recorded = (on: Side) => ({
      id: on,
      version: this.#items.get(on)?.version ?? '',
      contentHash: contentHash({ kind: 'appointment', content }),
    });
    this.#link = {
      linkId: 'link' as LinkId,
      kind: 'appointment',
      createdAt: this.#now(),
      exchange: recorded('exchange'),
      superoffice: recorded('superoffice'),
      agreed: groupHashes({ kind: 'appointment', content }),
      start: '2026-11-23T08:00:00.000Z',
      writes: [],
    };
  }

  act(act: Act): void {
    if (act.kind === 'step') this.step(act.blind, act.between);
    else {
      const item = this.#items.get(act.side);
      if (item === undefined) return;
      if (act.kind === 'delete') {
        this.#items.delete(act.side);
        this.deletedByPerson.add(act.side);
        // Whoever deletes an item gives up what was changed in it.
        for (let at = this.edits.length - 1; at >= 0; at--)
          if (this.edits[at]?.side === act.side) this.edits.splice(at, 1);
      } else {
        const value = `${act.field} ${this.#tick}`;
        const made = { side: act.side, field: act.field, value, hasTravelled: false, isContested: false };
        for (const other of this.edits)
          if (other.side !== act.side && other.field === act.field && !other.hasTravelled) other.isContested = true;
        this.edits.push(made);
        this.everyEdit.push(made);
        this.#unsynced.add(act.side);
        this.#put(act.side, { ...item.content, [act.field]: value }, false);
      }
    }
  }

  /** One turn of the engine. A blind side cannot be read; `between` happens after the reads and before the writes. */
  step(blind?: Side, between?: Act): string {
    const link = this.#link;
    if (link === undefined) return 'no link';
    const now = this.#now();
    const policy = policyOf('appointment', defaultSyncSettings, user, now);
    const seen = { exchange: this.#see('exchange', blind), superoffice: this.#see('superoffice', blind) };
    const decision = this.#decide({ link, ...seen, policy, mayDelete: true, released: false, now });
    if (between !== undefined) this.act(between);
    switch (decision.kind) {
      case 'merge': {
        let merged = decision.link;
        for (const write of decision.writes) {
          const item = this.#items.get(write.side);
          if (item === undefined || item.version !== write.version) return 'conflict';
          const lost = decision.conflicts.filter(({ winner }) => winner !== write.side);
          this.lost.push(...lost);
          const version = this.#put(write.side, { ...item.content, ...write.changes }, true);
          this.#travelled(write.side);
          const written = { id: write.side, version, contentHash: write.contentHash };
          merged = { ...merged, [write.side]: written };
          const agreed = write.groups.map((group) => [group, decision.link.agreed[group] ?? '']);
          this.#link = { ...link, [write.side]: written, agreed: { ...link.agreed, ...Object.fromEntries(agreed) } };
        }
        this.#link = merged;
        this.#carriedOver(merged, between);
        break;
      }
      case 'delete': {
        const item = this.#items.get(decision.side);
        if (item !== undefined && item.version !== decision.version) return 'conflict';
        expect(this.deletedByPerson).toContain(otherSide(decision.side));
        expect(this.#unsynced).not.toContain(decision.side);
        this.#items.delete(decision.side);
        this.#link = undefined;
        break;
      }
      case 'recreate': {
        const version = this.#put(decision.side, decision.source.content, true);
        this.#travelled(decision.side);
        const hash = contentHash({ kind: 'appointment', content: decision.source.content });
        const from = { id: otherSide(decision.side), version: decision.source.version, contentHash: hash };
        const made = { id: decision.side, version, contentHash: hash };
        const agreed = groupHashes({ kind: 'appointment', content: decision.source.content });
        this.#link = {
          ...link,
          agreed,
          ...(decision.side === 'exchange'
            ? { exchange: made, superoffice: from }
            : { exchange: from, superoffice: made }),
        };
        this.#carriedOver(this.#link, between);
        break;
      }
      case 'forget':
        this.#link = undefined;
    }
    return decision.kind;
  }

  #travelled(to: Side): void {
    for (const edit of this.edits) {
      if (edit.side === to || this.value(to, edit.field) !== edit.value) continue;
      edit.hasTravelled = true;
      edit.isContested = false;
    }
  }

  /** Everything that was read is carried over; what slipped in since then is not. */
  #carriedOver(link: Link, between: Act | undefined): void {
    this.#unsynced.clear();
    if (between?.kind === 'edit' && this.#items.get(between.side)?.version !== link[between.side].version) {
      this.#unsynced.add(between.side);
    }
  }

  value(on: Side, field: Field): string | undefined {
    return this.#items.get(on)?.content[field] as string | undefined;
  }

  has(on: Side): boolean {
    return this.#items.has(on);
  }

  hashes(on: Side) {
    const item = this.#items.get(on);
    return item === undefined ? undefined : groupHashes(item);
  }

  #see(on: Side, blind: Side | undefined): Seen {
    const item = this.#items.get(on);
    if (on === blind)
      return item === undefined ? { kind: 'failed', error: codedError('internal-error') } : { kind: 'missing' };
    return item === undefined ? { kind: 'gone' } : { kind: 'found', item };
  }

  #put(on: Side, content: ItemContent, byUs: boolean): string {
    const version = `v${++this.#tick}`;
    const item = { kind: 'appointment' as const, id: on, version, shape: 'single', content };
    this.#items.set(on, { ...item, modifiedAt: this.#now(), modifiedByUs: byUs });
    return version;
  }

  #now(): string {
    return new Date(Date.parse('2026-11-22T12:00:00.000Z') + this.#tick * 10_000).toISOString();
  }
}

/** Both sides end equal and quiet, and what people wrote is there, superseded or in the history. */
function holds(decide: Decide): void {
  fc.assert(
    fc.property(acts, (history) => {
      const model = new Model(decide);
      for (const act of history) model.act(act);
      const steps = Array.from({ length: 6 }, () => model.step());
      expect(['unchanged', 'no link']).toContain(steps.at(-1));
      expect(model.hashes('exchange')).toEqual(model.hashes('superoffice'));
      if (!model.has('exchange')) {
        expect(model.deletedByPerson.size).toBeGreaterThan(0);
        return;
      }
      for (const { side: on, field, value, isContested } of model.edits) {
        const isSuperseded =
          model.edits.findLast((later) => later.field === field && later.side === on)?.value !== value;
        const isFinal = model.value('exchange', field) === value;
        const lost = model.lost.some((one) => one.group === groupOf[field] && one.lost === value);
        // A value that both sides had and that the other side changed afterwards is superseded as well; a contested one never is.
        const later = model.everyEdit.slice(model.everyEdit.findIndex((edit) => edit.value === value) + 1);
        const isOverwritten =
          !isContested &&
          later.some((one) => one.field === field && one.side !== on && one.value === model.value('exchange', field));
        expect(isFinal || isSuperseded || lost || isOverwritten).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
}

describe('the engine in a world of random people', () => {
  it(
    'converges, is quiet afterwards, deletes nothing without a proved delete, and loses no edit',
    () => holds(decidePair),
    longMs,
  );

  it('is caught when it takes an item that it does not see for deleted', () => {
    const trusting = (seen: Seen): Seen => (seen.kind === 'missing' ? { kind: 'gone' } : seen);
    expect(() =>
      holds((situation) =>
        decidePair({
          ...situation,
          exchange: trusting(situation.exchange),
          superoffice: trusting(situation.superoffice),
        }),
      ),
    ).toThrow();
  });

  it('is caught when it lets Exchange win silently', () => {
    expect(() =>
      holds((situation) => {
        const decision = decidePair(situation);
        return decision.kind === 'merge' ? { ...decision, conflicts: [] } : decision;
      }),
    ).toThrow();
  });

  it('is caught when it deletes although the other side changed', () => {
    expect(() =>
      holds((situation) => {
        const decision = decidePair(situation);
        if (decision.kind !== 'recreate') return decision;
        const { source, side: vanished } = decision;
        const { id, version, content: before } = source;
        return { kind: 'delete', rule: '', side: otherSide(vanished), id, version, before };
      }),
    ).toThrow();
  });
});
