// A section of the settings: what is stored, taken and shown as a whole, made from the declarations of its settings.
// Every stored settings value stands in a record that says who wrote it and when.
import { type TObject, type TProperties, Type } from 'typebox';
import { type Data, Instant, recordVersion } from '../shape.ts';
import { type OlderRecord, type StoredReading, type StoredRecord, storedRecord } from '../stored-record.ts';
import type { PropertiesOf, Setting } from './setting.ts';

export type SectionName = 'technical' | 'superoffice' | 'sync';
type Settings = Readonly<Record<string, Setting>>;
type Stored<D extends Settings> = TObject<{ v: typeof recordVersion } & PropertiesOf<D>>;

export interface SectionDeclaration<D extends Settings> {
  readonly name: SectionName;
  readonly title: string;
  readonly description: string;
  /** The `v` that this release writes. A setting that is added needs no new one: a section that lacks it has its default. */
  readonly version: number;
  readonly upgrade?: Readonly<Record<number, (older: OlderRecord) => OlderRecord>>;
  readonly settings: D;
}

export interface DeclaredSection<D extends Settings = Settings> extends SectionDeclaration<D> {
  readonly schema: Stored<D>;
  /** What holds as long as nothing is stored. */
  readonly standard: Data<Stored<D>>;
  readonly stored: StoredRecord<Data<Stored<D>>>;
  /** What a write may name: any of the settings. */
  readonly input: TObject;
  readonly view: TObject;
}

/** Declares a section. What is stored beyond the settings (by a later release) is let through, and is to be kept by writers. */
export function section<D extends Settings>(declared: SectionDeclaration<D>): DeclaredSection<D> {
  const { version, settings, upgrade = {} } = declared;
  const each = <T>(of: (setting: Setting) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(settings).map(([setting, declaration]) => [setting, of(declaration)]));
  const schema = Type.Object({ v: recordVersion, ...each(({ stored }) => stored) }) as unknown as Stored<D>;
  const complete = (record: OlderRecord): OlderRecord => {
    const filled = Object.entries(settings).map(([setting, { filled }]) => [setting, filled(record[setting])] as const);
    return { ...record, ...Object.fromEntries(filled.filter(([, value]) => value !== undefined)) };
  };
  return {
    ...declared,
    schema,
    standard: complete({ v: version }) as Data<Stored<D>>,
    stored: storedRecord({ name: 'settings section', version, schema, upgrade, complete }),
    input: Type.Partial(Type.Object(each(({ input }) => input) satisfies TProperties), { additionalProperties: false }),
    view: Type.Object(each(({ view }) => view)),
  };
}

const Envelope = Type.Object({ v: recordVersion, author: Type.String(), at: Instant, value: Type.Unknown() });
const envelope = storedRecord({ name: 'settings record', version: 1, schema: Envelope });

/** A stored settings value with who wrote it and when. */
export interface SettingsRecord<T> {
  readonly author: string;
  readonly at: Instant;
  readonly value: T;
}

/** What is stored for a value of `version` 1 records. */
export const settingsRecord = <T>(value: T, author: string, at: Instant) => ({
  v: envelope.version,
  author,
  at,
  value,
});

/** Reads what the bucket `settings` holds: the record, and in it a section, user links or the administrator. Never throws. */
export function readSettings<T>(inner: StoredRecord<T>, bytes: Uint8Array): StoredReading<SettingsRecord<T>> {
  const outer = envelope.read(bytes);
  if (outer.kind !== 'ok') return outer;
  const { author, at, value } = outer.value;
  const reading = inner.check(value);
  if (reading.kind === 'damaged') return { ...reading, field: `/value${reading.field}` };
  return reading.kind === 'ok' ? { kind: 'ok', value: { author, at, value: reading.value } } : reading;
}
