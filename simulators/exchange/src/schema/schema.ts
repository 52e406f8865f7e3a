// The language in which the request schemas are written: tables of element types, as small as the XSD is large.
// A type is a sequence of parts; a part is one element name, or a choice between several, with how often it may come.

export const typesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/types';
export const messagesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/messages';

/** Says what is wrong with a text, or nothing. The words become the end of the violation. */
export type SimpleType = (text: string) => string | undefined;

export interface AttributeType {
  readonly required: boolean;
  readonly type: SimpleType;
}

/** What may stand inside an element. `open` accepts any children: used where a real server does not look either. */
export type ElementType =
  | { readonly kind: 'text'; readonly type: SimpleType; readonly attributes: Readonly<Record<string, AttributeType>> }
  | {
      readonly kind: 'parts';
      readonly parts: readonly Part[];
      readonly attributes: Readonly<Record<string, AttributeType>>;
    }
  | { readonly kind: 'open' };

/** One place in a sequence. `names` maps `m:Name` or `t:Name` to a type; the type is a thunk where types are recursive. */
export interface Part {
  readonly choices: ReadonlyMap<string, () => ElementType>;
  readonly min: number;
  readonly max: number;
}

type Types = Readonly<Record<string, ElementType | (() => ElementType)>>;

/** `{local name}` with its namespace, from the prefix used in the tables. */
export function expanded(name: string): string {
  const [prefix, local] = name.split(':');
  return `{${prefix === 'm' ? messagesNamespace : typesNamespace}}${local}`;
}

function part(types: Types, min: number, max: number): Part {
  const choices = new Map<string, () => ElementType>();
  for (const [name, type] of Object.entries(types)) {
    choices.set(expanded(name), typeof type === 'function' ? type : () => type);
  }
  return { choices, min, max };
}

/** Exactly one of these. */
export const one = (types: Types): Part => part(types, 1, 1);
/** One of these or none. */
export const optional = (types: Types): Part => part(types, 0, 1);
/** At least one, in any mix. */
export const some = (types: Types): Part => part(types, 1, Number.POSITIVE_INFINITY);
/** Any number, in any mix. */
export const any = (types: Types): Part => part(types, 0, Number.POSITIVE_INFINITY);

type Attributes = Readonly<Record<string, AttributeType>>;

export const required = (type: SimpleType): AttributeType => ({ required: true, type });
export const allowed = (type: SimpleType): AttributeType => ({ required: false, type });

/** An element with children in this order. */
export function sequence(parts: readonly Part[], attributes: Attributes = {}): ElementType {
  return { kind: 'parts', parts, attributes };
}

/** An element with nothing but attributes. */
export const empty = (attributes: Attributes): ElementType => sequence([], attributes);

/** An element with text only. */
export function text(type: SimpleType, attributes: Attributes = {}): ElementType {
  return { kind: 'text', type, attributes };
}

/** An element that is not looked into. */
export const open: ElementType = { kind: 'open' };
