// Checks what comes in against the route's schema and says which field is wrong and what is allowed there.
// The received value never goes into the message: it may be a password.
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Value } from 'typebox/value';
import { refusedField } from './problem.ts';

/** Fastify's validator. Text in addresses and headers becomes numbers and booleans where the schema has them; bodies stay. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (received: unknown) => {
    const value: unknown = httpPart === 'body' ? received : Value.Convert(schema, received);
    if (compiled.Check(value)) return { value };
    return { error: refusalOf(schema, compiled.Errors(value), httpPart ?? 'body') };
  };
};

function refusalOf(schema: TSchema, errors: readonly TLocalizedValidationError[], part: string): Error {
  const first = errors.find(({ keyword }) => keyword !== 'boolean');
  if (first === undefined) return refusedField(part, `${part} is not acceptable`);
  // Each branch of a union reports its own errors; the union itself knows what is allowed.
  const union = errors.find(({ keyword, instancePath }) => keyword === 'anyOf' && contains(instancePath, first));
  const error = union ?? first;
  const node = nodeAt(schema, error.schemaPath);
  const path = fieldName(error.instancePath);
  if (error.keyword === 'additionalProperties') {
    const field = joined(path, error.params.additionalProperties[0] ?? '');
    return refusedField(field, `${field} is not known here; known are ${listed(Object.keys(propertiesOf(node)))}`);
  }
  if (error.keyword === 'required') {
    const missing = error.params.requiredProperties[0] ?? '';
    const field = joined(path, missing);
    return refusedField(field, `${field} is missing; it must be ${allowed(propertiesOf(node)[missing])}`);
  }
  const field = path === '' ? part : path;
  return refusedField(field, `${field} must be ${allowed(node)}`);
}

const contains = (outer: string, { instancePath }: TLocalizedValidationError): boolean =>
  instancePath === outer || instancePath.startsWith(`${outer}/`);

const fieldName = (instancePath: string): string => instancePath.slice(1).replaceAll('/', '.');
const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
const listed = (names: readonly string[]): string => names.join(', ');

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function propertiesOf(node: Node): Node {
  return isNode(node['properties']) ? node['properties'] : {};
}

/** The part of the schema that an error's `schemaPath` (`#/properties/a`) points at. */
function nodeAt(schema: TSchema, schemaPath: string): Node {
  let node: unknown = schema;
  for (const step of schemaPath.split('/').slice(1)) node = isNode(node) ? node[step] : undefined;
  return isNode(node) ? node : {};
}

/** What a schema allows, in words. `x-allowed` in the schema says it better where the keywords do not. */
export function allowed(node: unknown): string {
  if (!isNode(node)) return 'something else';
  if (typeof node['x-allowed'] === 'string') return node['x-allowed'];
  const choices = choicesOf(node);
  if (choices !== undefined) return `one of ${listed(choices)}`;
  const { type, minimum, maximum, minLength, maxLength } = node;
  if (type === 'integer' && minimum !== undefined && maximum !== undefined)
    return `a whole number from ${minimum} to ${maximum}`;
  if (type === 'integer' && minimum !== undefined) return `a whole number of at least ${minimum}`;
  if (type === 'integer') return 'a whole number';
  if (type === 'boolean') return 'true or false';
  if (type === 'object') return `an object with ${listed(Object.keys(propertiesOf(node)))}`;
  if (type === 'string' && maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`;
  return type === 'string' ? 'text' : 'something else';
}

/** The values of an enumeration, when the schema is one. */
function choicesOf(node: Node): readonly string[] | undefined {
  return Array.isArray(node['enum']) ? node['enum'].map(String) : undefined;
}
