// Reads JSON that clients sent. Property names are accepted in any case and become the product's own; a wrong kind of
// value is ASP.NET's 400, never a silent default. Dictionaries keep their keys as they are.
import { invalidRequest } from './error.ts';

export type Json = Readonly<Record<string, unknown>>;

const dictionaries = new Set([
  'CustomFields',
  'UserDefinedFields',
  'ExtraFields',
  'FieldProperties',
  'Headers',
  'Properties',
]);
const deepest = 40;

/** Known names, so that `isalldayevent` finds `IsAlldayEvent`. */
export class PropertyNames {
  readonly #byLowerCase: ReadonlyMap<string, string>;

  constructor(names: Iterable<string>) {
    this.#byLowerCase = new Map([...names].map((name) => [name.toLowerCase(), name]));
  }

  /** The product's spelling; an unknown name gets a capital first letter. */
  canonical(name: string): string {
    return this.#byLowerCase.get(name.toLowerCase()) ?? name.charAt(0).toUpperCase() + name.slice(1);
  }

  /** The same value with the product's property names all the way down. */
  read(value: unknown, depth = 0): unknown {
    if (depth > deepest) throw invalidRequest('The JSON is nested too deeply.');
    if (Array.isArray(value)) return value.map((item) => this.read(item, depth + 1));
    if (!isObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      const canonical = this.canonical(name);
      define(result, canonical, dictionaries.has(canonical) ? item : this.read(item, depth + 1));
    }
    return result;
  }
}

/** Sets a property even when it is called `__proto__`. */
export function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function readObject(value: unknown, what: string): Json {
  if (!isObject(value)) throw invalidRequest(`${what} must be an object.`);
  return value;
}

export function readText(value: unknown, field: string, maxLength: number): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') throw invalidRequest(`The value of '${field}' is not a string.`);
  if (value.length > maxLength) throw invalidRequest(`The value of '${field}' is longer than ${maxLength}.`);
  return value;
}

export function readInteger(value: unknown, field: string): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 2_147_483_647) {
    throw invalidRequest(`The value of '${field}' is not an integer.`);
  }
  return number;
}

export function readBoolean(value: unknown, field: string): boolean {
  if (value === null || value === undefined) return false;
  if (value === 'true' || value === 'True') return true;
  if (value === 'false' || value === 'False') return false;
  if (typeof value !== 'boolean') throw invalidRequest(`The value of '${field}' is not a boolean.`);
  return value;
}

/** An enum by name (any case) or number. */
export function readEnum(value: unknown, field: string, names: Readonly<Record<string, number>>): number {
  if (value === null || value === undefined) return 0;
  const entries = Object.entries(names);
  const wanted = typeof value === 'string' ? value.toLowerCase() : value;
  const found = entries.find(([name, number]) => name.toLowerCase() === wanted || number === wanted);
  if (found === undefined) throw invalidRequest(`The value of '${field}' is not one of its enumeration.`);
  return found[1];
}

export function enumName(value: number, names: Readonly<Record<string, number>>): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? 'Unknown';
}

const clock = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)?$/;
const isoDuration = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;

/** A TimeSpan in minutes, from `hh:mm:ss`, `d.hh:mm:ss` or ISO 8601 (`PT15M`); the table keeps whole minutes. */
export function readMinutes(value: unknown, field: string): number {
  if (value === null || value === undefined) return 0;
  const text = typeof value === 'string' ? value : '';
  const match = clock.exec(text) ?? isoDuration.exec(text);
  if (match === null) throw invalidRequest(`The value of '${field}' is not a time span.`);
  const [, sign, days, hours, minutes, seconds] = match;
  const total =
    Number(days ?? 0) * 1440 + Number(hours ?? 0) * 60 + Number(minutes ?? 0) + Math.floor(Number(seconds ?? 0) / 60);
  return sign === '-' ? -total : total;
}

/** Minutes as the server writes a TimeSpan: `00:15:00`, `1.02:00:00`. */
export function timeSpan(minutes: number): string {
  const size = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  const days = Math.floor(size / 1440);
  const prefix = (minutes < 0 ? '-' : '') + (days > 0 ? `${days}.` : '');
  return `${prefix}${pad(Math.floor((size % 1440) / 60))}:${pad(size % 60)}:00`;
}
