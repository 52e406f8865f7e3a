// JSON Patch and merge patch on an entity in its wire form. SuperOffice's habits: paths in any case, the leading slash
// optional, no move or copy, a failed `test` is 409, and a merge patch appends an object where an array stands.
import { isDeepStrictEqual } from 'node:util';
import { badArgument, invalidRequest, testFailed } from './error.ts';
import { define, isObject, type Json, type PropertyNames } from './json-input.ts';

type Mutable = Record<string, unknown> | unknown[];

/** Compares a `test` value: strings that are dates may be written differently and still be equal. */
export type SameValue = (actual: unknown, expected: unknown) => boolean;

/** @returns a changed copy. @throws 400 malformed, 409 failed test. */
export function patchEntity(entity: Json, patch: unknown, names: PropertyNames, same: SameValue): Json {
  const copy = structuredClone(entity) as Record<string, unknown>;
  if (Array.isArray(patch)) {
    for (const operation of patch) applyOperation(copy, operation, names, same);
    return copy;
  }
  if (!isObject(patch)) throw invalidRequest('A patch must be an array of operations or an object.');
  return merge(copy, names.read(patch) as Json);
}

function applyOperation(
  root: Record<string, unknown>,
  operation: unknown,
  names: PropertyNames,
  same: SameValue,
): void {
  if (!isObject(operation)) throw invalidRequest('A patch operation must be an object.');
  const lower = new Map(Object.entries(operation).map(([name, value]) => [name.toLowerCase(), value]));
  const op = lower.get('op');
  const path = lower.get('path');
  if (typeof op !== 'string' || typeof path !== 'string') throw invalidRequest('A patch operation needs op and path.');
  const value = names.read(lower.get('value'));
  const { parent, key } = locate(root, path, names);
  const current = Array.isArray(parent) ? parent[Number(key)] : parent[key];
  switch (op.toLowerCase()) {
    case 'test':
      if (!isDeepStrictEqual(current ?? null, value ?? null) && !same(current, value)) {
        throw testFailed(`The value at '${path}' is not the expected one`);
      }
      return;
    case 'add':
      if (Array.isArray(parent)) parent.splice(arrayIndex(parent, key, path, true), 0, value);
      else define(parent, key, value);
      return;
    case 'replace':
      if (Array.isArray(parent)) parent[arrayIndex(parent, key, path, false)] = value;
      else define(parent, key, value);
      return;
    case 'remove':
      if (Array.isArray(parent)) parent.splice(arrayIndex(parent, key, path, false), 1);
      else define(parent, key, null);
      return;
    default:
      throw badArgument(`Patch operation '${op}' is not supported`);
  }
}

function locate(root: Record<string, unknown>, path: string, names: PropertyNames): { parent: Mutable; key: string } {
  const steps = path.replace(/^\//, '').split('/').map(unescapeStep);
  const last = steps.pop() ?? '';
  let parent: Mutable = root;
  for (const step of steps) {
    const child: unknown = Array.isArray(parent) ? parent[Number(step)] : own(parent, keyOf(parent, step, names));
    if (typeof child !== 'object' || child === null) throw badArgument(`The path '${path}' leads nowhere`);
    parent = child as Mutable;
  }
  const key = Array.isArray(parent) ? last : keyOf(parent, last, names);
  if (parent === root && !Object.hasOwn(root, key)) throw badArgument(`The path '${path}' leads nowhere`);
  return { parent, key };
}

const own = (parent: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(parent, key) ? parent[key] : undefined;

/** An existing key in any case, else the product's spelling of it. */
function keyOf(parent: Record<string, unknown>, step: string, names: PropertyNames): string {
  if (Object.hasOwn(parent, step)) return step;
  const wanted = step.toLowerCase();
  return Object.keys(parent).find((key) => key.toLowerCase() === wanted) ?? names.canonical(step);
}

function arrayIndex(array: readonly unknown[], key: string, path: string, append: boolean): number {
  if (key === '-' && append) return array.length;
  const index = Number(key);
  const limit = append ? array.length : array.length - 1;
  if (!/^\d+$/.test(key) || index > limit) throw badArgument(`The path '${path}' leads nowhere`);
  return index;
}

const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

function merge(target: Record<string, unknown>, patch: Json): Record<string, unknown> {
  for (const [name, value] of Object.entries(patch)) {
    const current = own(target, name);
    if (Array.isArray(current) && isObject(value)) current.push(value);
    else if (isObject(current) && isObject(value)) define(target, name, merge({ ...current }, value));
    else define(target, name, value);
  }
  return target;
}
