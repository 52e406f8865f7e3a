// How what is stored outlives releases (docs/architecture.md §4, "Evolution of what is stored"). Each stored record is declared once,
// with its version, its schema and readers of older versions; whoever reads one learns that it is readable, newer than
// this release, or damaged, and never takes the one for the other: a newer record need not fit our schema at all.
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { codedError } from './errors.ts';
import type { Data } from './shape.ts';

/** A stored record before its schema was asked: an object with a version. */
export type OlderRecord = Readonly<Record<string, unknown>> & { readonly v: number };

export interface StoredRecordDeclaration<S extends TSchema> {
  /** For errors and logs: "mailbox record". */
  readonly name: string;
  /** The `v` that this release writes. */
  readonly version: number;
  /** Has the field `v`. What an earlier write of the same version may lack is optional, or filled by `complete`. */
  readonly schema: S;
  /** By version: makes the record of the next version. Holds the versions of the two releases before. */
  readonly upgrade?: Readonly<Record<number, (older: OlderRecord) => OlderRecord>>;
  /** Fills what a record of this version may lack, such as the default of a new setting. */
  readonly complete?: (stored: OlderRecord) => unknown;
  /** What the bytes hold; JSON unless said otherwise. May throw: the record is damaged then. */
  readonly decode?: (bytes: Uint8Array) => unknown;
}

/** What reading came to. `field` is a JSON pointer, empty for the whole; the reason never holds a stored value. */
export type StoredReading<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'newer'; readonly found: number; readonly reads: number }
  | { readonly kind: 'damaged'; readonly field: string; readonly reason: string };

export interface StoredRecord<T> {
  readonly name: string;
  readonly version: number;
  /** Reads the bytes of a stored value. Never throws. */
  read(bytes: Uint8Array): StoredReading<T>;
  /** Reads a value that is decoded already, such as the section inside a settings record. Never throws. */
  check(stored: unknown): StoredReading<T>;
  /** Like `read`, for whoever cannot go on without the value. Throws `UnreadableRecord`, which names `key`. */
  valueOf(key: string, bytes: Uint8Array): T;
}

/** A stored value that cannot be used: code `stored-record-newer` stops the service, `stored-record-damaged` one mailbox. */
export class UnreadableRecord extends Error {
  readonly error;

  constructor(name: string, key: string, reading: Exclude<StoredReading<unknown>, { kind: 'ok' }>) {
    const error = unreadable(name, key, reading);
    super(error.message);
    this.name = 'UnreadableRecord';
    this.error = error;
  }

  get isNewer(): boolean {
    return this.error.code === 'stored-record-newer';
  }
}

/** Declares a stored record. Unknown fields of a record are let through: what is kept must be kept by whoever writes. */
export function storedRecord<S extends TSchema>(declared: StoredRecordDeclaration<S>): StoredRecord<Data<S>> {
  const { name, version, schema, upgrade = {}, complete, decode = jsonOf } = declared;
  const validator = Compile(schema);

  const check = (stored: unknown): StoredReading<Data<S>> => {
    if (!isVersioned(stored)) return damaged('/v', 'has no version');
    if (stored.v > version) return { kind: 'newer', found: stored.v, reads: version };
    let record = stored;
    try {
      while (record.v < version) {
        const next = upgrade[record.v];
        if (next === undefined) return damaged('/v', `version ${record.v} is older than this release reads`);
        const upgraded = next(record);
        if (upgraded.v <= record.v) throw new Error(`the reader of ${name} ${record.v} does not move on`);
        record = upgraded;
      }
      const value = complete === undefined ? record : complete(record);
      if (validator.Check(value)) return { kind: 'ok', value: value as Data<S> };
      return misfit(validator.Errors(value));
    } catch (error) {
      // A reader that trips over the content of an old record: the record is not what its version promises.
      return damaged('', error instanceof Error ? error.name : 'cannot be upgraded');
    }
  };
  const read = (bytes: Uint8Array): StoredReading<Data<S>> => {
    let stored: unknown;
    try {
      stored = decode(bytes);
    } catch {
      return damaged('', 'cannot be decoded');
    }
    return check(stored);
  };
  return {
    name,
    version,
    read,
    check,
    valueOf(key, bytes) {
      const reading = read(bytes);
      if (reading.kind !== 'ok') throw new UnreadableRecord(name, key, reading);
      return reading.value;
    },
  };
}

function unreadable(name: string, key: string, reading: Exclude<StoredReading<unknown>, { kind: 'ok' }>) {
  if (reading.kind === 'newer')
    return codedError('stored-record-newer', {
      message: `The ${name} ${key} is of version ${reading.found}; this release reads up to ${reading.reads}.`,
      detail: key,
    });
  const { field, reason } = reading;
  const message = `The ${name} ${key} cannot be read: ${field || '/'} ${reason}.`;
  return codedError('stored-record-damaged', { message, field, detail: key });
}

const isVersioned = (stored: unknown): stored is OlderRecord =>
  typeof stored === 'object' && stored !== null && Number.isInteger((stored as { v?: unknown }).v);

const damaged = (field: string, reason: string) => ({ kind: 'damaged', field, reason }) as const;

function misfit(errors: ReturnType<ReturnType<typeof Compile>['Errors']>) {
  // The deepest error names the field; a union reports one error a branch, and itself last.
  const [deepest] = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const missing = deepest?.keyword === 'required' ? `/${deepest.params.requiredProperties[0]}` : '';
  return damaged(`${deepest?.instancePath ?? ''}${missing}`, deepest?.message ?? 'does not match its schema');
}

const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
