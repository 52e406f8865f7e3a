// The JSON Patch that makes a row say what is wanted. Only fields that really differ are replaced, each after a `test` of
// the value that we read, so that a change by somebody else in the meantime refuses the whole patch (409).
import type { ItemContent, ItemKind } from '@lockstep/contracts';
import type { PatchOperation } from '../client/appointment-api.ts';
import type { AppointmentEntity } from '../client/entities.ts';
import type { Fields, Lists, Owner } from './kind-mapping.ts';
import { mappingOf } from './kinds.ts';

/** The operations that make the row say `changes`; empty when it says so already. @throws UnreadableDate */
export function patchFor(
  kind: ItemKind,
  entity: AppointmentEntity,
  changes: ItemContent,
  owner: Owner,
  lists: Lists,
): readonly PatchOperation[] {
  const before: Fields = entity;
  const differing = Object.entries(mappingOf(kind).fieldsFor(entity, changes, owner, lists)).filter(
    ([name, value]) => !sameValue(name, before[name], value),
  );
  return [
    ...differing.filter(([name]) => name !== 'VisibleFor').map(([name]) => testOf(name, before[name])),
    ...differing.map(([name, value]): PatchOperation => ({ op: 'replace', path: `/${name}`, value })),
  ];
}

/** VisibleFor has no test of its own: `Private` mirrors it, and its entries carry texts in the reader's language. */
function testOf(name: string, value: unknown): PatchOperation {
  const id = idIn(value);
  if (id !== undefined) return { op: 'test', path: `/${name}/Id`, value: id };
  return { op: 'test', path: `/${name}`, value: value ?? null };
}

function sameValue(name: string, before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (before === undefined || before === null) return after === '' || after === false || after === null;
  const id = idIn(before);
  if (id !== undefined) return id === idIn(after);
  if (name !== 'StartDate' && name !== 'EndDate') return false;
  return Date.parse(String(before)) === Date.parse(String(after));
}

/** An entry of a list is the same as long as its id is: its name comes in the reader's language. */
function idIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'Id' in value ? value.Id : undefined;
}
