// Every kind that Lockstep synchronizes, one line each, and what follows for an item from its kind.
import { createHash } from 'node:crypto';
import {
  kinds as declared,
  type Instant,
  type ItemContent,
  type ItemKind,
  type Side,
  type ZoneName,
} from '@lockstep/contracts';
import { appointment } from './appointment/appointment.ts';
import type { FieldGroup, Kind } from './kind.ts';
import { task } from './task/task.ts';

// An item's content was checked by the schema of its kind when it came over the bus: here it is opaque.
const kinds: Readonly<Record<ItemKind, Kind>> = {
  appointment: appointment as unknown as Kind,
  task: task as unknown as Kind,
};

/** What an item says, and of which kind it is. */
export interface Said {
  readonly kind: ItemKind;
  readonly content: ItemContent;
}

/** One short hash a field group over the common form: what both sides last agreed on. */
export type GroupHashes = Readonly<Record<FieldGroup, string>>;

export const kindOf = (kind: ItemKind): Kind => kinds[kind];

/** The field groups of a kind, in order. */
export const groupsOf = (kind: ItemKind): readonly FieldGroup[] => declared[kind].groups;

/** The hashes of an item's field groups over what both sides can hold. */
export function groupHashes({ kind, content }: Said): GroupHashes {
  const { commonForm } = kinds[kind];
  return Object.fromEntries(groupsOf(kind).map((group) => [group, shortHash(commonForm(content, group))]));
}

/** One hash over everything that a side said, formatting and zone included: recognises our own writes. */
export function contentHash({ kind, content }: Said): string {
  return shortHash(kinds[kind].wholeForm(content));
}

/** What a new counterpart on `side` is to say. */
export function counterpart({ kind, content }: Said, side: Side, zone: ZoneName): ItemContent {
  return { ...content, ...kinds[kind].fieldsFor(side, content, groupsOf(kind), { zone }) };
}

/** When an item begins; undefined for one that the time window does not bound. */
export function startOf({ kind, content }: Said, zone: ZoneName): Instant | undefined {
  return kinds[kind].spanOf(content, zone)?.start;
}

/** 64 bits: two of 10 million links collide on a change once in 10^12. */
function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 8).toString('base64url');
}
