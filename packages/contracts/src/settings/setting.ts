// How a setting is declared: once, with its type, default, title, description, limits and the release it came with. From this
// come the stored schema, what the API takes and shows, the OpenAPI text and docs/reference/settings.md.
import { type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import type { Data } from '../shape.ts';

/** What people read of a setting, and what holds as long as nobody has said anything. */
export interface SettingWords<T> {
  readonly title: string;
  readonly description: string;
  readonly default: T;
  /** The release that had it first. */
  readonly since: string;
  readonly examples?: readonly T[];
}

export interface Setting<S extends TSchema = TSchema> {
  /** In the stored section. Narrow a limit only with a new version of the section, whose upgrade brings older values inside. */
  readonly stored: S;
  /** What a write may say. */
  readonly input: TSchema;
  /** What a read shows. */
  readonly view: TSchema;
  /** Absent where nothing is stored until somebody says something. */
  readonly default?: Data<S>;
  /** What a section holds that may lack the setting, or parts of it. */
  readonly filled: (stored: unknown) => unknown;
  readonly since: string;
  /** It goes in as text, is kept sealed and never comes out. */
  readonly secret?: true;
}

/** One value of its own. */
export function setting<S extends TSchema>(schema: S, words: SettingWords<Data<S>>): Setting<S> {
  const described = Type.With(schema, annotated(words)) as S;
  return {
    stored: described,
    input: described,
    view: described,
    default: words.default,
    filled: (stored) => (stored === undefined ? words.default : stored),
    since: words.since,
  };
}

/**
 * One value of `schema` for each of `names`, such as a conflict rule a field group. What is stored is an open record: a name
 * that a later release knows is kept, one that an earlier release did not know has its default.
 */
export function settingPerName<const N extends string, S extends TSchema>(
  names: readonly N[],
  schema: S,
  { default: standard, ...words }: SettingWords<Data<S>>,
): Setting<TUnsafe<PerName<N, S>>> {
  const defaults = Object.fromEntries(names.map((name) => [name, standard]));
  const properties: TProperties = Object.fromEntries(names.map((name) => [name, schema]));
  const options = annotated<unknown>({ ...words, default: defaults });
  return {
    stored: Type.Unsafe<PerName<N, S>>(Type.Record(Type.String(), schema)),
    input: Type.Partial(Type.Object(properties), { additionalProperties: false, ...options }),
    view: Type.Object(properties, options),
    default: defaults as Data<TUnsafe<PerName<N, S>>>,
    filled: (stored) => (isRecord(stored) || stored === undefined ? { ...defaults, ...stored } : stored),
    since: words.since,
  };
}

type PerName<N extends string, S extends TSchema> = Readonly<Record<N, Data<S>>>;

/** One of several words, as the `enum` that documentation shows best. */
export function choice<const W extends string>(...words: readonly W[]): TUnsafe<W> {
  return Type.Unsafe<W>({ type: 'string', enum: [...words] });
}

export type PropertiesOf<D extends Record<string, Setting>> = {
  readonly [K in keyof D]: D[K] extends Setting<infer S> ? S : never;
};

function annotated<T>({ since, ...words }: SettingWords<T>) {
  return { ...words, 'x-since': since };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
