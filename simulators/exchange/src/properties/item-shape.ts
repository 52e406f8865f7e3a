// What a client wants of each item: read once from the request, used for all of its items.

import type { XmlElement } from '../xml/element.ts';
import { childrenOf, textOf } from '../xml/element.ts';
import type { BodyFormat } from './body-format.ts';
import { extendedKeyOf } from './extended-path.ts';

export interface ItemShape {
  readonly base: 'IdOnly' | 'Default' | 'AllProperties';
  /** FieldURIs asked for by name. A single dictionary entry brings its whole dictionary. */
  readonly named: ReadonlySet<string>;
  readonly extended: readonly { readonly key: string; readonly path: Readonly<Record<string, string>> }[];
  readonly bodyFormat: BodyFormat;
  readonly maximumBodySize: number | undefined;
  /** The content of EffectiveRights for who asks. */
  readonly rights: string;
}

const dictionaryOf: Readonly<Record<string, string>> = {
  'contacts:EmailAddress': 'contacts:EmailAddresses',
  'contacts:PhoneNumber': 'contacts:PhoneNumbers',
  'contacts:ImAddress': 'contacts:ImAddresses',
};

/** The property that a single entry belongs to. */
export function dictionaryUri(fieldUri: string): string {
  if (fieldUri.startsWith('contacts:PhysicalAddress:')) return 'contacts:PhysicalAddresses';
  return dictionaryOf[fieldUri] ?? fieldUri;
}

/** Reads an `m:ItemShape`. */
export function readItemShape(element: XmlElement, rights: string): ItemShape {
  const base = textOf(element, 'BaseShape');
  const named = new Set<string>();
  const extended: { key: string; path: Record<string, string> }[] = [];
  for (const path of childrenOf(element, 'AdditionalProperties')) {
    if (path.name === 'ExtendedFieldURI') extended.push({ key: extendedKeyOf(path), path: { ...path.attributes } });
    else named.add(dictionaryUri(path.attributes['FieldURI'] ?? ''));
  }
  const format = textOf(element, 'BodyType');
  const maximum = Number(textOf(element, 'MaximumBodySize') ?? 0);
  return {
    base: base === 'Default' || base === 'AllProperties' ? base : 'IdOnly',
    named,
    extended,
    bodyFormat: format === 'HTML' || format === 'Text' ? format : 'Best',
    maximumBodySize: maximum > 0 ? maximum : undefined,
    rights,
  };
}
