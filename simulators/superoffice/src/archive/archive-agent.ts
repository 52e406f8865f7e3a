// The Archive agent: the same lists, with rows of `ColumnData` whose display values are encoded (`[I:123]`,
// `[DT:11/12/2026 09:00:00]`). Columns may be a list or one text with commas.

import { type AddRoute, type Answer, type Call, ok } from '../http/call.ts';
import { badArgument, invalidRequest } from '../input/error.ts';
import { type Json, PropertyNames, readInteger, readObject } from '../input/json-input.ts';
import { type Archive, type Column, type Raw, runArchive } from './archive-query.ts';

const names = new PropertyNames([
  'ProviderName',
  'Columns',
  'SortOrder',
  'Restrictions',
  'Restriction',
  'Entities',
  'Page',
  'PageSize',
]);
const maxPageSize = 10_000;

/** @param find the archive of a provider's name; called with the columns for the dynamic one. */
export type FindArchive = <T>(
  provider: string,
  columns: readonly string[],
  use: <Row>(archive: Archive<Row>) => T,
) => T;

export function addArchiveAgent(add: AddRoute, find: FindArchive): void {
  add('POST', '/Agents/Archive/GetArchiveListByColumns2', (call) => {
    const argument = readObject(names.read(call.body), 'The argument');
    const provider = String(argument['ProviderName'] ?? '');
    const columns = textList(argument['Columns'], 'Columns');
    return find(provider, columns, (archive) => page(archive, columns, argument, call));
  });
}

function page<Row>(archive: Archive<Row>, columns: readonly string[], argument: Json, call: Call): Answer {
  const size = readInteger(argument['PageSize'], 'PageSize');
  if (size < 1 || size > maxPageSize) throw badArgument(`pageSize must be 1 to ${maxPageSize}`);
  const number = readInteger(argument['Page'], 'Page');
  const query = {
    select: columns,
    filter: restriction(argument['Restrictions'] ?? argument['Restriction']),
    orderBy: textList(argument['SortOrder'], 'SortOrder').join(','),
    top: size,
    skip: number < 0 ? -number : number * size,
    mode: 'Full',
  } as const;
  const encoded = encodedArchive(archive);
  const found = runArchive(encoded, query, { dates: call.dates, associateId: call.actor.associate_id });
  return ok(
    found.rows.map((row) => ({
      EntityName: row['EntityName'],
      PrimaryKey: Number(row['PrimaryKey']),
      ColumnData: columnData(readObject(row['Column'], 'Column')),
      LinkHint: '',
      StyleHint: '',
    })),
  );
}

/** The same columns with display values in the culture-neutral encoding. */
function encodedArchive<Row>(archive: Archive<Row>): Archive<Row> {
  const columns = [...archive.columns].map(([name, column]): [string, Column<Row>] => [
    name,
    { ...column, display: (row) => encode(column, row) },
  ]);
  return { ...archive, columns: new Map(columns) };
}

function encode<Row>(column: Column<Row>, row: Row): string {
  const raw: Raw = column.value(row);
  switch (column.kind) {
    case 'int':
    case 'associate':
      return column.display?.(row) ?? `[I:${raw}]`;
    case 'bool':
      return `[B:${raw ? 1 : 0}]`;
    case 'instant':
      return dateTime(raw === 0 ? '' : new Date(Number(raw)).toISOString());
    case 'wall':
    case 'local':
      return dateTime(String(raw));
    case 'text':
      return String(raw);
  }
}

function dateTime(wall: string): string {
  if (wall === '') return '[DT:01/01/0001 00:00:00.0000000]';
  return `[DT:${wall.slice(5, 7)}/${wall.slice(8, 10)}/${wall.slice(0, 4)} ${wall.slice(11, 19)}.0000000]`;
}

function columnData(cells: Json): Json {
  const entries = Object.entries(cells).map(([name, cell]) => {
    const { DisplayValue, TooltipHint, LinkHint } = readObject(cell, name);
    return [name, { DisplayValue, TooltipHint, LinkHint }];
  });
  return Object.fromEntries(entries);
}

/** An empty list is the documented way to say that no restriction is really wanted. */
function restriction(value: unknown): string | null {
  if (Array.isArray(value) && value.length === 0) return 'getAllRows set true';
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw invalidRequest("The value of 'Restrictions' is not a string.");
  return value;
}

function textList(value: unknown, field: string): readonly string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  if (value !== null && value !== undefined && !Array.isArray(value) && typeof value !== 'string') {
    throw invalidRequest(`The value of '${field}' is not a list.`);
  }
  return list.map((item) => String(item).trim()).filter((item) => item !== '');
}
