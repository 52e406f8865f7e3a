// Short hands in which the property tables are written.

import { timeZoneDefinition } from '../schema/common-types.ts';
import { type ElementType, open, required, sequence, some, text as textType } from '../schema/schema.ts';
import { anyText, boolean, dateTime, double, integer, oneOf } from '../schema/simple-types.ts';
import type { Property, ValueKind } from './property.ts';

type Shape = Property['shape'];

export interface Define {
  text(name: string, shape?: Shape): Property;
  choice(name: string, values: string, shape?: Shape): Property;
  flag(name: string, shape?: Shape): Property;
  integer(name: string, shape?: Shape, min?: number, max?: number): Property;
  double(name: string, shape?: Shape): Property;
  instant(name: string, shape?: Shape): Property;
  day(name: string, shape?: Shape): Property;
  strings(name: string, shape?: Shape): Property;
  body(name: string, shape?: Shape): Property;
  zone(name: string, shape?: Shape): Property;
  tree(name: string, type: ElementType, shape?: Shape): Property;
  computed(name: string, shape?: Shape, type?: ElementType): Property;
}

export const stringList: ElementType = sequence([{ ...some({ 't:String': textType(anyText) }), min: 0 }]);

/** Definitions whose paths begin with that prefix. */
export function definitions(prefix: string): Define {
  const make = (name: string, kind: ValueKind, type: ElementType, shape: Shape = 'AllProperties'): Property => ({
    name,
    uri: `${prefix}:${name}`,
    kind,
    type,
    shape,
    writable: kind !== 'computed',
    inLists: true,
  });
  return {
    text: (name, shape) => make(name, 'text', textType(anyText), shape),
    choice: (name, values, shape) => make(name, 'text', textType(oneOf(values)), shape),
    flag: (name, shape) => make(name, 'boolean', textType(boolean), shape),
    integer: (name, shape, min, max) => make(name, 'integer', textType(integer(min, max)), shape),
    double: (name, shape) => make(name, 'double', textType(double), shape),
    instant: (name, shape) => make(name, 'instant', textType(dateTime), shape),
    day: (name, shape) => make(name, 'day', textType(dateTime), shape),
    strings: (name, shape) => make(name, 'strings', stringList, shape),
    body: (name, shape) => make(name, 'body', bodyType, shape),
    zone: (name, shape) => make(name, 'timeZone', timeZoneDefinition, shape),
    tree: (name, type, shape) => make(name, 'tree', type, shape),
    computed: (name, shape, type) => make(name, 'computed', type ?? open, shape),
  };
}

const bodyType: ElementType = textType(anyText, {
  BodyType: required(oneOf('HTML Text')),
  IsTruncated: { required: false, type: boolean },
});

/** The same property, but the server alone writes it. */
export const readOnly = (property: Property): Property => ({ ...property, writable: false });
/** The same property, but too large for lists. */
export const notInLists = (property: Property): Property => ({ ...property, inLists: false });
