// Search filters: `m:Restriction` evaluated over one item or folder. Texts are compared as they are stored; an absent
// property matches nothing but `Not`.
import { computedValues } from '../properties/computed-values.ts';
import { extendedKeyOf } from '../properties/extended-path.ts';
import { itemClasses } from '../properties/item-classes.ts';
import { dictionaryUri } from '../properties/item-shape.ts';
import { dictionaryEntry, extendedValue } from '../properties/item-writer.ts';
import { isBody } from '../properties/value-writer.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Folder } from '../store/folder.ts';
import type { ItemView } from '../store/item-view.ts';
import type { PropertyValue } from '../store/values.ts';
import { readDateTime } from '../time/date-time.ts';
import { childOf, type XmlElement } from '../xml/element.ts';

export type Comparable = string | number | boolean | readonly string[];
type Lookup = (path: XmlElement) => Comparable | undefined;

/** Above this many nodes a filter is refused. */
const maxNodes = 255;

/** @throws EwsError when the filter is too large or asks for what cannot be searched */
export function checkRestriction(filter: XmlElement): void {
  if (countNodes(filter) > maxNodes) throw new EwsError('ErrorRestrictionTooComplex');
}

function countNodes(filter: XmlElement): number {
  return 1 + filter.children.reduce((sum, child) => sum + (isExpression(child) ? countNodes(child) : 0), 0);
}

function isExpression(element: XmlElement): boolean {
  return !['FieldURI', 'IndexedFieldURI', 'ExtendedFieldURI', 'FieldURIOrConstant', 'Constant', 'Bitmask'].includes(
    element.name,
  );
}

export function matchesItem(filter: XmlElement, view: ItemView): boolean {
  return matches(filter, (path) => itemValue(view, path));
}

export function matchesFolder(filter: XmlElement, folder: Folder): boolean {
  return matches(filter, (path) => folderValue(folder, path));
}

function matches(filter: XmlElement, lookup: Lookup): boolean {
  switch (filter.name) {
    case 'And':
      return filter.children.every((child) => matches(child, lookup));
    case 'Or':
      return filter.children.some((child) => matches(child, lookup));
    case 'Not':
      return filter.children.every((child) => !matches(child, lookup));
  }
  const [path, operand] = filter.children;
  const value = path === undefined ? undefined : lookup(path);
  if (filter.name === 'Exists') return value !== undefined;
  if (value === undefined) return filter.name === 'IsNotEqualTo';
  if (filter.name === 'Contains') return contains(value, filter);
  if (filter.name === 'Excludes') return excludes(value, childOf(filter, 'Bitmask'));
  return compareTo(value, operand, filter.name, lookup);
}

function compareTo(value: Comparable, operand: XmlElement | undefined, operator: string, lookup: Lookup): boolean {
  const inner = operand?.children[0];
  const other =
    inner?.name === 'Constant' ? constantFor(value, inner.attributes['Value'] ?? '') : inner && lookup(inner);
  if (other === undefined) return operator === 'IsNotEqualTo';
  if (typeof value === 'object') return listMatches(value, String(other), operator);
  const order = value === other ? 0 : value < other ? -1 : 1;
  switch (operator) {
    case 'IsEqualTo':
      return order === 0;
    case 'IsNotEqualTo':
      return order !== 0;
    case 'IsGreaterThan':
      return order > 0;
    case 'IsGreaterThanOrEqualTo':
      return order >= 0;
    case 'IsLessThan':
      return order < 0;
    default:
      return order <= 0;
  }
}

function listMatches(value: readonly string[], other: string, operator: string): boolean {
  const found = value.some((each) => each.toLowerCase() === other.toLowerCase());
  return operator === 'IsNotEqualTo' ? !found : found;
}

/** The constant as the kind of value that it is compared with. */
function constantFor(value: Comparable, text: string): Comparable {
  if (typeof value === 'boolean') return text.toLowerCase() === 'true' || text === '1';
  if (typeof value !== 'number') return text;
  return /T/.test(text) ? (readDateTime(text, 'UTC') ?? Number.NaN) : Number(text);
}

function contains(value: Comparable, filter: XmlElement): boolean {
  const wanted = childOf(filter, 'Constant')?.attributes['Value'] ?? '';
  const comparison = filter.attributes['ContainmentComparison'] ?? 'Exact';
  const fold = (text: string): string => {
    const spaced = /NonSpac|NonSpace/.test(comparison) ? text.normalize('NFD').replace(/\p{M}/gu, '') : text;
    return /Case|Loose/.test(comparison) ? spaced.toLowerCase() : spaced;
  };
  const texts = typeof value === 'object' ? value : [String(value)];
  return texts.some((text) => holds(fold(text), fold(wanted), filter.attributes['ContainmentMode'] ?? 'FullString'));
}

function holds(text: string, wanted: string, mode: string): boolean {
  switch (mode) {
    case 'FullString':
      return text === wanted;
    case 'Prefixed':
      return text.startsWith(wanted);
    case 'PrefixOnWords':
      return text.split(/\s+/).some((word) => word.startsWith(wanted));
    default:
      return text.includes(wanted);
  }
}

function excludes(value: Comparable, mask: XmlElement | undefined): boolean {
  return typeof value === 'number' && (value & Number(mask?.attributes['Value'] ?? 0)) === 0;
}

/** What an item has under a path, in a form that can be compared and sorted. */
export function itemValue(view: ItemView, path: XmlElement): Comparable | undefined {
  if (path.name === 'ExtendedFieldURI') return typedExtended(view, path);
  const uri = path.attributes['FieldURI'] ?? '';
  if (path.name === 'IndexedFieldURI') return entryValue(view, path, uri);
  if (uri === 'calendar:UID') {
    throw new EwsError('ErrorUnsupportedPathForQuery', 'The property cannot be used in a restriction.');
  }
  const property = itemClasses[view.item.kind].byUri.get(uri);
  if (property === undefined) return undefined;
  if (property.name === 'ItemClass')
    return String(view.values['ItemClass'] ?? itemClasses[view.item.kind].messageClass);
  const stored = property.kind === 'computed' ? undefined : view.values[property.name];
  if (stored !== undefined) return comparable(stored);
  const computed = computedValues[property.name]?.(view);
  return computed === undefined || computed.kind === 'xml' ? undefined : computed.value;
}

function typedExtended(view: ItemView, path: XmlElement): Comparable | undefined {
  const value = extendedValue(view, extendedKeyOf(path));
  if (typeof value !== 'string') return value;
  const type = path.attributes['PropertyType'] ?? '';
  if (['Integer', 'Long', 'Short', 'Double', 'Float', 'Currency'].includes(type)) return Number(value);
  if (type === 'Boolean') return value.toLowerCase() === 'true' || value === '1';
  return type === 'SystemTime' ? readDateTime(value, 'UTC') : value;
}

function entryValue(view: ItemView, path: XmlElement, uri: string): string | undefined {
  const tree = view.values[dictionaryUri(uri).split(':')[1] ?? ''];
  if (typeof tree !== 'object' || !('name' in tree)) return undefined;
  return dictionaryEntry(tree, path.attributes['FieldIndex'] ?? '', uri.split(':')[2]);
}

function comparable(value: PropertyValue): Comparable | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return value as Comparable;
  return isBody(value) ? value.text : undefined;
}

function folderValue(folder: Folder, path: XmlElement): Comparable | undefined {
  if (path.name === 'ExtendedFieldURI') {
    return extendedKeyOf(path) === 'tag:3613:String' ? folder.folderClass : undefined;
  }
  const values: Readonly<Record<string, Comparable>> = {
    'folder:DisplayName': folder.displayName,
    'folder:FolderClass': folder.folderClass,
    'folder:TotalCount': folder.items.size,
    'folder:ChildFolderCount': folder.children.length,
  };
  return values[path.attributes['FieldURI'] ?? ''];
}
