// Single entries of the dictionaries of a contact: one e-mail address, one phone number, one line of an address.
import { dictionaryUri } from '../properties/item-shape.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { PropertyValue } from '../store/values.ts';
import type { XmlElement } from '../xml/element.ts';
import { type Tree, treeOf } from '../xml/tree.ts';

interface Place {
  /** Name of the property that holds the dictionary. */
  readonly dictionary: string;
  readonly index: string;
  /** The line of a physical address. */
  readonly line: string | undefined;
}

function placeOf(path: XmlElement): Place {
  const uri = path.attributes['FieldURI'] ?? '';
  const dictionary = dictionaryUri(uri).split(':')[1];
  if (dictionary === undefined || (!dictionary.endsWith('es') && !dictionary.endsWith('s'))) {
    throw new EwsError('ErrorInvalidPropertyRequest');
  }
  return { dictionary, index: path.attributes['FieldIndex'] ?? '', line: uri.split(':')[2] };
}

function entriesOf(values: Readonly<Record<string, PropertyValue>>, dictionary: string): readonly Tree[] {
  const tree = values[dictionary];
  return typeof tree === 'object' && 'name' in tree ? (tree.children ?? []) : [];
}

const keyOf = (entry: Tree): string | undefined => entry.attributes?.['Key'];

/** Sets an entry and returns the name of its dictionary. @throws EwsError when path and value do not match */
export function setEntry(values: Record<string, PropertyValue>, path: XmlElement, value: XmlElement): string {
  const place = placeOf(path);
  const given = treeOf(value);
  const [entry] = given.children ?? [];
  if (value.name !== place.dictionary || entry === undefined || keyOf(entry) !== place.index) {
    throw new EwsError('ErrorUpdatePropertyMismatch');
  }
  const entries = entriesOf(values, place.dictionary);
  const old = entries.find((each) => keyOf(each) === place.index);
  const next = place.line === undefined ? entry : withLine(old ?? entry, place.line, entry);
  const others = entries.filter((each) => keyOf(each) !== place.index);
  values[place.dictionary] = { name: place.dictionary, children: [...others, next] };
  return place.dictionary;
}

const lines = ['Street', 'City', 'State', 'CountryOrRegion', 'PostalCode'];

function withLine(old: Tree, line: string, given: Tree): Tree {
  const [value] = given.children ?? [];
  if (value?.name !== line) throw new EwsError('ErrorUpdatePropertyMismatch');
  const all = [...(old.children ?? []).filter((each) => each.name !== line), value];
  all.sort((a, b) => lines.indexOf(a.name) - lines.indexOf(b.name));
  return { ...old, children: all };
}

/** Removes an entry, or one line of it, and returns the name of its dictionary. */
export function removeEntry(values: Record<string, PropertyValue>, path: XmlElement): string {
  const place = placeOf(path);
  const left = entriesOf(values, place.dictionary).flatMap((entry) => {
    if (keyOf(entry) !== place.index) return [entry];
    if (place.line === undefined) return [];
    const children = (entry.children ?? []).filter((each) => each.name !== place.line);
    return children.length === 0 ? [] : [{ ...entry, children }];
  });
  if (left.length === 0) delete values[place.dictionary];
  else values[place.dictionary] = { name: place.dictionary, children: left };
  return place.dictionary;
}
