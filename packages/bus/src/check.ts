// Checks what comes from outside with its schema. Compiled validators are kept for each schema object for as long as it lives.
import type { Data } from '@lockstep/contracts';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

/** What a text of JSON came to. `field` is a JSON pointer, empty for the whole. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly field: string; readonly reason: string };

/** Parses JSON and checks it. One per bus; compiling a schema costs about a millisecond, so it is done once. */
export class Checker {
  readonly #validators = new WeakMap<TSchema, Validator>();

  /** Unknown fields are let through: receivers ignore what they do not know. */
  read<S extends TSchema>(schema: S, bytes: Uint8Array): Read<Data<S>> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      return { ok: false, field: '', reason: 'not JSON' };
    }
    return this.check(schema, parsed);
  }

  check<S extends TSchema>(schema: S, value: unknown): Read<Data<S>> {
    const validator = this.#validatorOf(schema);
    if (validator.Check(value)) return { ok: true, value: value as Data<S> };
    const errors = validator.Errors(value);
    // The deepest error names the field; a union reports one error a branch, and itself last.
    const [deepest] = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
    const missing = deepest?.keyword === 'required' ? `/${deepest.params.requiredProperties[0]}` : '';
    return {
      ok: false,
      field: `${deepest?.instancePath ?? ''}${missing}`,
      // Never the value itself: it may be personal.
      reason: deepest?.message ?? 'does not match its schema',
    };
  }

  #validatorOf(schema: TSchema): Validator {
    let validator = this.#validators.get(schema);
    if (validator === undefined) {
      validator = Compile(schema) as unknown as Validator;
      this.#validators.set(schema, validator);
    }
    return validator;
  }
}

const encoder = new TextEncoder();

/** A value as JSON bytes; undefined becomes an empty object's absence (`null`). */
export const toBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value ?? null));
