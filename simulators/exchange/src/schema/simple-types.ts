// The simple types of XML Schema that requests use. Each says in .NET's words what is wrong, as Exchange would.
import type { SimpleType } from './schema.ts';

function pattern(expression: RegExp, datatype: string): SimpleType {
  return (text) =>
    expression.test(text.trim()) ? undefined : `The string '${text}' is not a valid ${datatype} value.`;
}

export const anyText: SimpleType = () => undefined;
export const nonEmptyText: SimpleType = (text) =>
  text === '' ? 'The actual length is less than the MinLength value.' : undefined;
export const boolean = pattern(/^(true|false|1|0)$/, 'Boolean');
export const double = pattern(/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/, 'Double');
export const base64 = pattern(/^(?:[A-Za-z0-9+/\s]*={0,2}\s*)$/, 'Base64Binary');
export const dateTime = pattern(/^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, 'DateTime');
export const date = pattern(/^-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?$/, 'Date');
export const guid = pattern(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'Guid');
export const propertyTag = pattern(/^(0[xX][0-9a-fA-F]{1,4}|\d+)$/, 'PropertyTag');

/** A whole number between two bounds, 32 bit when none are given. */
export function integer(min = -2147483648, max = 2147483647): SimpleType {
  return (text) => {
    if (!/^[+-]?\d+$/.test(text.trim())) return `The string '${text}' is not a valid Int32 value.`;
    const value = Number(text);
    if (value < min) return 'The MinInclusive constraint failed.';
    return value > max ? 'The MaxInclusive constraint failed.' : undefined;
  };
}

/** One of the names, given as a list in one text. Names are case-sensitive. */
export function oneOf(names: string): SimpleType {
  const known = new Set(names.split(' '));
  return (text) => (known.has(text) ? undefined : 'The Enumeration constraint failed.');
}

/** A list of the names, divided by white space. */
export function listOf(names: string): SimpleType {
  const single = oneOf(names);
  return (text) => {
    const items = text.trim().split(/\s+/);
    return items.map(single).find((complaint) => complaint !== undefined);
  };
}
