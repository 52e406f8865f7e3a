// One section in the bucket `settings`: its current revision, its history, and changes by compare-and-set.
// The revision is the bucket's and therefore counts the writes of all sections: it grows, but not by ones.
import type { Bucket, Entry } from '@lockstep/bus';
import { codedError, failure, type Outcome, type SettingsSection, settingsKeys, success } from '@lockstep/contracts';
import { Value } from 'typebox/value';
import { AnyRecord, assertReadable, instantOf, record, type Writer } from './record.ts';
import type { Section, Stored } from './section.ts';

/** Races that one write loses before it gives up; each means that another write succeeded. */
const maxAttempts = 8;

/** A section as it was at one revision. Revision 0 is the default that holds as long as nothing was stored. */
export interface Revision<T> {
  readonly revision: number;
  readonly author?: string;
  readonly at?: string;
  readonly settings: T;
}

export interface StoreSurroundings {
  readonly bucket: Bucket;
  readonly now: () => number;
  /** Called after each stored change. */
  readonly announce: (section: SettingsSection, revision: number) => void;
}

export class SectionStore<T extends Stored> {
  readonly section: Section<T>;
  readonly #key: string;
  readonly #surroundings: StoreSurroundings;

  constructor(section: Section<T>, surroundings: StoreSurroundings) {
    this.section = section;
    this.#key = settingsKeys[section.name];
    this.#surroundings = surroundings;
  }

  async read(): Promise<Revision<T>> {
    const entry = await this.#surroundings.bucket.get(this.#key, AnyRecord);
    if (entry === undefined) return { revision: 0, settings: this.section.standard };
    const revision = this.#revision(entry);
    if (revision === undefined) throw new Error(`settings ${this.#key} cannot be read`);
    return revision;
  }

  /**
   * Stores what `decide` makes of the current settings. A result equal to them stores nothing.
   * Fails with `settings-conflict` when `ifMatch` names another revision, or after many lost races.
   */
  async change(decide: (current: T) => Promise<Outcome<T>>, writer: Writer): Promise<Outcome<Revision<T>>> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const current = await this.read();
      if (writer.ifMatch !== undefined && !writer.ifMatch.includes(String(current.revision)))
        return failure('settings-conflict', { field: 'if-match' });
      const decided = await decide(current.settings);
      if (!decided.ok) return decided;
      if (Value.Equal(decided.value, current.settings)) return success(current);
      const stored = await this.#store(decided.value, writer.author, current.revision);
      if (stored !== undefined) return success(stored);
    }
    return { ok: false, error: codedError('settings-conflict') };
  }

  /** Every kept revision, newest first; at most 64, which is what the bucket keeps. */
  async revisions(): Promise<readonly Revision<T>[]> {
    const entries = await this.#surroundings.bucket.history(this.#key);
    const revisions = entries.map((entry) => this.#revision({ ...entry, value: jsonOf(entry.value) }));
    return revisions.filter((revision) => revision !== undefined).reverse();
  }

  async #store(settings: T, author: string, revision: number): Promise<Revision<T> | undefined> {
    const { bucket, now, announce } = this.#surroundings;
    const at = instantOf(now());
    const value = record(settings, author, at);
    const written =
      revision === 0 ? await bucket.create(this.#key, value) : await bucket.update(this.#key, value, revision);
    if (written.kind === 'conflict') return undefined;
    announce(this.section.name, written.revision);
    return { revision: written.revision, author, at, settings };
  }

  #revision({ revision, value }: Entry<unknown>): Revision<T> | undefined {
    assertReadable(this.#key, value);
    if (!Value.Check(AnyRecord, value)) return undefined;
    const settings = this.section.parse(value.value);
    return settings === undefined ? undefined : { revision, author: value.author, at: value.at, settings };
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
