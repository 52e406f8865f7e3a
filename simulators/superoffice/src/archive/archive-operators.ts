// The restriction operators of archives. Each is given the column's kind and the literals and returns the test of a
// stored value. Date literals are read in the request's time zone, like any other input.

import { badArgument } from '../input/error.ts';
import type { ColumnKind, QueryContext, Raw } from './archive-value.ts';
import type { Literal } from './odata-filter.ts';

type Test = (raw: Raw) => boolean;
type Operator = (kind: ColumnKind, values: readonly Literal[], context: QueryContext) => Test;

/** Brings a literal into the form in which the column is stored, so that both compare directly. */
function stored(kind: ColumnKind, value: Literal | undefined, context: QueryContext): Raw {
  if (value === undefined) throw badArgument('The operator needs a value');
  switch (kind) {
    case 'wall':
      return context.dates.parseWall(value, 'literal');
    case 'instant':
      return context.dates.parseInstant(value, 'literal');
    case 'local':
      return typeof value === 'string' ? value.slice(0, 19) : '';
    case 'text':
      return value === null ? '' : String(value).toLowerCase();
    case 'bool':
      return value === true || value === 1 || value === 'true' || value === '1';
    default:
      return whole(value);
  }
}

function whole(value: Literal): number {
  const number = typeof value === 'boolean' ? Number(value) : Number(value ?? 0);
  if (!Number.isFinite(number)) throw badArgument(`'${value}' is not a number`);
  return number;
}

const lowered = (raw: Raw): Raw => (typeof raw === 'string' ? raw.toLowerCase() : raw);

/** A value, in lower case only where the column is text: dates keep their `T`. */
const comparable = (kind: ColumnKind, raw: Raw): Raw => (kind === 'text' ? lowered(raw) : raw);

const compare =
  (test: (left: Raw, right: Raw) => boolean): Operator =>
  (kind, values, context) => {
    const right = stored(kind, values[0], context);
    return (raw) => test(comparable(kind, raw), right);
  };

/** Of dates `between` means days, both inclusive, as `dateBetween` does; only `dateTimeBetween` looks at the time. */
const between: Operator = (kind, values, context) =>
  kind === 'wall' || kind === 'instant' || kind === 'local'
    ? daysBetween(kind, values, context)
    : valuesBetween(kind, values, context);

const valuesBetween: Operator = (kind, values, context) => {
  const [from, to] = [stored(kind, values[0], context), stored(kind, values[1], context)];
  return (raw) => comparable(kind, raw) >= from && comparable(kind, raw) <= to;
};

const oneOf: Operator = (kind, values, context) => {
  const wanted = new Set(values.map((value) => stored(kind, value, context)));
  return (raw) => wanted.has(comparable(kind, raw));
};

const not =
  (operator: Operator): Operator =>
  (kind, values, context) => {
    const test = operator(kind, values, context);
    return (raw) => !test(raw);
  };

const text =
  (test: (value: string, wanted: string) => boolean): Operator =>
  (_kind, values) => {
    const wanted = String(values[0] ?? '').toLowerCase();
    return (raw) => test(String(raw).toLowerCase(), wanted);
  };

/** Compares days only: `before '2026-11-12'` ends at the midnight that begins that day. */
const day =
  (test: (left: string, right: string) => boolean): Operator =>
  (kind, values, context) => {
    const right = dayOf(kind, stored(kind, values[0], context));
    return (raw) => test(dayOf(kind, raw), right);
  };

const dayOf = (kind: ColumnKind, raw: Raw): string =>
  kind === 'instant' ? new Date(Number(raw)).toISOString().slice(0, 10) : String(raw).slice(0, 10);

const daysBetween: Operator = (kind, values, context) => {
  const [from, to] = values.map((value) => dayOf(kind, stored(kind, value, context)));
  return (raw) => dayOf(kind, raw) >= (from ?? '') && dayOf(kind, raw) <= (to ?? '');
};

const equal = compare((left, right) => left === right);
const less = compare((left, right) => left < right);
const lessOrEqual = compare((left, right) => left <= right);
const greater = compare((left, right) => left > right);
const greaterOrEqual = compare((left, right) => left >= right);
const contains = text((value, wanted) => value.includes(wanted));
const begins = text((value, wanted) => value.startsWith(wanted));
const current: Operator = (_kind, _values, context) => (raw) => raw === context.associateId;

/** By name in lower case. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['eq', equal],
  ['=', equal],
  ['is', equal],
  ['set', equal],
  ['datetime', equal],
  ['ne', not(equal)],
  ['!=', not(equal)],
  ['<>', not(equal)],
  ['isnot', not(equal)],
  ['lt', less],
  ['<', less],
  ['beforetime', less],
  ['le', lessOrEqual],
  ['<=', lessOrEqual],
  ['gt', greater],
  ['>', greater],
  ['aftertime', greater],
  ['ge', greaterOrEqual],
  ['>=', greaterOrEqual],
  ['between', between],
  ['datetimebetween', valuesBetween],
  ['contains', contains],
  ['notcontains', not(contains)],
  ['begins', begins],
  ['notbegins', not(begins)],
  ['ends', text((value, wanted) => value.endsWith(wanted))],
  ['in', oneOf],
  ['oneof', oneOf],
  ['notoneof', not(oneOf)],
  ['associateisoneof', oneOf],
  ['associateisnotoneof', not(oneOf)],
  ['currentassociate', current],
  ['date', day((left, right) => left === right)],
  ['before', day((left, right) => left < right)],
  ['beforeorequal', day((left, right) => left <= right)],
  ['after', day((left, right) => left > right)],
  ['afterorequal', day((left, right) => left >= right)],
  ['datebetween', daysBetween],
]);
