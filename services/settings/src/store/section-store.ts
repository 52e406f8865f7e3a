// One section in the bucket `settings`: its current revision, its history, and changes by compare-and-set.
// The revision is the bucket's and therefore counts the writes of all sections: it grows, but not by ones.
import type { Bucket } from '@lockstep/bus';
import {
  codedError,
  failure,
  type Outcome,
  type SettingsSection,
  settingsKeys,
  settingsRecord,
  success,
} from '@lockstep/contracts';
import { Value } from 'typebox/value';
import { maxWriteAttempts } from '../config.ts';
import type { Section, Stored } from '../rules/sections.ts';
import { instantOf, lyingAt, put, type Revision, revisionsAt, type Writer } from './record.ts';

export interface StoreSurroundings {
  readonly bucket: Bucket;
  readonly now: () => number;
  /** Called after each stored change. */
  readonly announce: (section: SettingsSection, revision: number) => void;
}

/** What a section becomes. `current` is undefined when what is stored is damaged: then the change repairs it, or is refused. */
export type Decide<T> = (current: T | undefined) => Promise<Outcome<T>>;

export class SectionStore<T extends Stored> {
  readonly section: Section<T>;
  readonly #key: string;
  readonly #surroundings: StoreSurroundings;

  constructor(section: Section<T>, surroundings: StoreSurroundings) {
    this.section = section;
    this.#key = settingsKeys[section.declared.name];
    this.#surroundings = surroundings;
  }

  /** The section as it is; while nothing was stored the defaults, at revision 0. A damaged one is `stored-record-damaged`. */
  async read(): Promise<Outcome<Revision<T>>> {
    const lying = await this.#lying();
    if (lying.kind === 'damaged') return { ok: false, error: lying.error.error };
    return success(lying.kind === 'value' ? lying.at : { revision: 0, settings: this.section.declared.standard });
  }

  /**
   * Stores what `decide` makes of the current settings. A result equal to them stores nothing.
   * Fails with `settings-conflict` when `ifMatch` names another revision, or after many lost races.
   */
  async change(decide: Decide<T>, writer: Writer): Promise<Outcome<Revision<T>>> {
    for (let attempt = 0; attempt < maxWriteAttempts; attempt++) {
      const lying = await this.#lying();
      const { revision, settings } = currentOf(lying, this.section.declared.standard);
      if (writer.ifMatch !== undefined && !writer.ifMatch.includes(String(revision)))
        return failure('settings-conflict', { field: 'if-match' });
      const decided = await decide(settings);
      if (!decided.ok) return decided;
      if (settings !== undefined && Value.Equal(decided.value, settings))
        return success(lying.kind === 'value' ? lying.at : { revision, settings });
      const stored = await this.#store(decided.value, writer.author, revision);
      if (stored !== undefined) return success(stored);
    }
    return { ok: false, error: codedError('settings-conflict') };
  }

  /** Every kept revision, newest first; at most 64. Those that cannot be read are left out. */
  revisions(): Promise<readonly Revision<T>[]> {
    return revisionsAt(this.#surroundings.bucket, this.#key, this.section.declared.stored);
  }

  async #store(settings: T, author: string, revision: number): Promise<Revision<T> | undefined> {
    const { bucket, now, announce } = this.#surroundings;
    const at = instantOf(now());
    const written = await put(bucket, this.#key, settingsRecord(settings, author, at), revision);
    if (written === undefined) return undefined;
    announce(this.section.declared.name, written);
    return { revision: written, author, at, settings };
  }

  #lying() {
    return lyingAt(this.#surroundings.bucket, this.#key, this.section.declared.stored);
  }
}

function currentOf<T>(
  lying: Awaited<ReturnType<typeof lyingAt<T>>>,
  standard: T,
): { readonly revision: number; readonly settings: T | undefined } {
  if (lying.kind === 'value') return lying.at;
  return lying.kind === 'nothing' ? { revision: 0, settings: standard } : { ...lying, settings: undefined };
}
