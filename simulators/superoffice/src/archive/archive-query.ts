// Runs one archive query over rows: filter, order, page, and the Slim or Full form of a row. What a column is made of
// stands in the providers (archives.ts, dynamic-archive.ts).

import { badArgument, ruleBroken } from '../input/error.ts';
import type { Dates } from '../time/dates.ts';
import { operators } from './archive-operators.ts';
import type { ColumnKind, QueryContext, Raw } from './archive-value.ts';
import { type Filter, type Literal, parseFilter } from './odata-filter.ts';

export type { ColumnKind, QueryContext, Raw } from './archive-value.ts';

export interface Column<Row> {
  readonly kind: ColumnKind;
  readonly value: (row: Row) => Raw;
  /** What Slim mode shows instead of the raw value; associates show their login. */
  readonly display?: (row: Row) => string;
}

export interface Archive<Row> {
  readonly entity: string;
  readonly primaryKey: (row: Row) => number;
  readonly columns: ReadonlyMap<string, Column<Row>>;
  /** Rows that can match; narrowed by `conjuncts` where an index helps. */
  readonly rows: (conjuncts: readonly Test[]) => Iterable<Row>;
  /** Restrictions that steer the provider instead of testing a column, in lower case. */
  readonly switches: ReadonlySet<string>;
  /** Rows that the caller may see; an archive drops the others without a word. */
  readonly readable?: (row: Row, context: QueryContext) => boolean;
  /** Rows that are left out unless the named switch is given. */
  readonly hiddenUnless?: { readonly switch: string; readonly hidden: (row: Row) => boolean };
}

export type Test = Extract<Filter, { kind: 'test' }>;

export interface ArchiveQuery {
  readonly select: readonly string[];
  readonly filter: string | null;
  readonly orderBy: string | null;
  readonly top: number;
  readonly skip: number;
  readonly mode: 'Slim' | 'Wide' | 'Full';
}

export interface ArchivePage {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly more: boolean;
}

/** @throws 400 for an unknown column or operator, 500 without any restriction: as the product's archives do. */
export function runArchive<Row>(archive: Archive<Row>, query: ArchiveQuery, context: QueryContext): ArchivePage {
  const columns = query.select.map((name) => ({ name, column: columnOf(archive, name) }));
  if (query.filter === null || query.filter.trim() === '') throw ruleBroken('The archive has no restriction');
  const filter = parseFilter(query.filter);
  const conjuncts = conjunctsOf(filter);
  const matches = compile(filter, archive, context);
  const shown = visibleRows(archive, conjuncts, context);
  const found: Row[] = [];
  for (const row of archive.rows(conjuncts)) if (shown(row) && matches(row)) found.push(row);
  found.sort(orderOf(archive, query.orderBy));
  const page = found.slice(query.skip, query.skip + query.top);
  return {
    rows: page.map((row) => (query.mode === 'Full' ? fullRow : slimRow)(archive, columns, row, context.dates)),
    more: query.skip + query.top < found.length,
  };
}

interface Selected<Row> {
  readonly name: string;
  readonly column: Column<Row>;
}

function slimRow<Row>(archive: Archive<Row>, columns: readonly Selected<Row>[], row: Row, dates: Dates) {
  const values = columns.map(({ name, column }) => [name, column.display?.(row) ?? written(column, row, dates)]);
  return { PrimaryKey: String(archive.primaryKey(row)), EntityName: archive.entity, ...Object.fromEntries(values) };
}

function fullRow<Row>(archive: Archive<Row>, columns: readonly Selected<Row>[], row: Row, dates: Dates) {
  const values = columns.map(({ name, column }) => {
    const raw = written(column, row, dates);
    const cell = { RawValue: raw, DisplayValue: column.display?.(row) ?? String(raw), TooltipHint: '', LinkHint: '' };
    return [name, cell];
  });
  return {
    PrimaryKey: String(archive.primaryKey(row)),
    EntityName: archive.entity,
    StyleHint: '',
    LinkHint: '',
    TableRight: null,
    Column: Object.fromEntries(values),
  };
}

/** A value as JSON shows it. `local` is base-local wall time that no header shifts. */
export function written<Row>(column: Column<Row>, row: Row, dates: Dates): Raw {
  const raw = column.value(row);
  if (column.kind === 'wall') return dates.wall(String(raw));
  if (column.kind === 'instant') return dates.instant(Number(raw));
  return raw;
}

function columnOf<Row>(archive: Archive<Row>, name: string): Column<Row> {
  const column = archive.columns.get(name.toLowerCase());
  if (column === undefined) throw badArgument(`Column '${name}' is not available`);
  return column;
}

function conjunctsOf(filter: Filter): readonly Test[] {
  if (filter.kind === 'test') return [filter];
  return filter.kind === 'and' ? filter.parts.flatMap(conjunctsOf) : [];
}

function visibleRows<Row>(
  archive: Archive<Row>,
  conjuncts: readonly Test[],
  context: QueryContext,
): (row: Row) => boolean {
  const rule = archive.hiddenUnless;
  const given = conjuncts.some((test) => test.column.toLowerCase() === rule?.switch && isOn(test.values[0]));
  const hidden = given ? undefined : rule?.hidden;
  return (row) => hidden?.(row) !== true && archive.readable?.(row, context) !== false;
}

const isOn = (value: Literal | undefined): boolean =>
  value === true || value === 1 || value === 'true' || value === '1';

function compile<Row>(filter: Filter, archive: Archive<Row>, context: QueryContext): (row: Row) => boolean {
  if (filter.kind !== 'test') {
    const parts = filter.parts.map((part) => compile(part, archive, context));
    return filter.kind === 'and' ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row));
  }
  if (archive.switches.has(filter.column.toLowerCase())) return () => true;
  const column = columnOf(archive, filter.column);
  const operator = operators.get(filter.operator.toLowerCase());
  if (operator === undefined) throw badArgument(`Operator '${filter.operator}' is unknown`);
  const test = operator(column.kind, filter.values, context);
  return (row) => test(column.value(row));
}

/** Ties keep the order of primary keys. */
function orderOf<Row>(archive: Archive<Row>, orderBy: string | null): (a: Row, b: Row) => number {
  const parts = (orderBy ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const orders = parts.map((part) => {
    const [name = '', direction = 'asc'] = part.split(/\s+/);
    if (!/^(asc|desc)$/i.test(direction)) throw badArgument(`Sort order '${direction}' is unknown`);
    return { value: columnOf(archive, name).value, sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { value, sign } of orders) {
      const [left, right] = [value(a), value(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return archive.primaryKey(a) - archive.primaryKey(b);
  };
}
