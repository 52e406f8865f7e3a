// Small building blocks that the schemas of every topic share.
// A receiver ignores fields that it does not know (docs/architecture.md §4), so no object schema here forbids additional ones.
import { type Static, type TSchema, Type } from 'typebox';

/** The type of a schema's data, readonly all the way down: what came over the bus is never changed in place. */
export type Data<S extends TSchema> = DeepReadonly<Static<S>>;

export type DeepReadonly<T> = unknown extends T
  ? T
  : T extends string | number | boolean | bigint | null | undefined
    ? T
    : T extends readonly (infer E)[]
      ? readonly DeepReadonly<E>[]
      : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** RFC 3339 in UTC with milliseconds and `Z`: `2026-11-22T08:00:00.000Z`. Such strings sort as time does. */
export const Instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
export type Instant = string;

/** A calendar day without a time or zone: `2026-11-22`. */
export const DateOnly = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
export type DateOnly = string;

/** An IANA time zone name, for example `Europe/Oslo`. Which names exist is for `Intl` to say. */
export const ZoneName = Type.String({ minLength: 1, maxLength: 64 });
export type ZoneName = string;

/** A whole number of milliseconds, not negative. */
export const DurationMs = Type.Integer({ minimum: 0 });

/** A UUID in lower case; ours are version 7, tokens are random. */
export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

/** The version of a stored record or stream message (docs/architecture.md §4). */
export const recordVersion = Type.Integer({ minimum: 1 });
