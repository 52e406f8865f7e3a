// Reads the JSON bodies of the control API. What is not as expected is refused with the name of the field.
import { firstStoredMs, lastStoredMs } from '../properties/value-reader.ts';
import { ianaOf, windowsOf } from '../time/zones.ts';
import { ControlError } from './control-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ControlError(400, 'The body is not JSON.');
  }
  return asObject(value, 'the body');
}

export function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object');
  return value as JsonObject;
}

export function asList(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(name, 'a list');
  return value;
}

export function asStrings(value: unknown, name: string): readonly string[] {
  return asList(value, name).map((each) => asText(each, name));
}

export function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'a text');
  return value;
}

export function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : asText(value, name);
}

export function optionalNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'a number');
  return value;
}

/** @throws ControlError for a number out of the range */
export function optionalBetween(value: unknown, name: string, min: number, max: number): number | undefined {
  const number = optionalNumber(value, name);
  if (number !== undefined && (number < min || number > max)) throw wrong(name, `a number from ${min} to ${max}`);
  return number;
}

export function optionalBoolean(value: unknown, name: string): boolean | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw wrong(name, 'true or false');
  return value;
}

/** An instant in RFC 3339. */
export function asInstant(value: unknown, name: string): number {
  const instant = Date.parse(asText(value, name));
  if (!(instant >= firstStoredMs && instant <= lastStoredMs)) throw wrong(name, 'an instant like 2026-03-02T08:00:00Z');
  return Math.floor(instant / 1000) * 1000;
}

export function asChoice<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === value);
  if (found === undefined) throw wrong(name, `one of ${choices.join(', ')}`);
  return found;
}

/** Windows id of a zone given by Windows id or IANA name. */
export function asZone(name: string): string {
  const id = ianaOf(name) === undefined ? windowsOf(name) : name;
  if (id === undefined) throw new ControlError(400, `There is no time zone '${name}'.`);
  return id;
}

function wrong(name: string, expected: string): ControlError {
  return new ControlError(400, `${name} has to be ${expected}.`);
}
