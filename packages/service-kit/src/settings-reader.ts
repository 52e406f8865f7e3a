// The current settings, kept fresh. A broadcast can be lost and a bucket can be set back, so every section is also read on
// each reconnect and every 30 s, and compared for *different*, never for later.
import { type Bucket, BusError } from '@lockstep/bus';
import {
  type Data,
  defaultSuperOfficeSettings,
  defaultSyncSettings,
  defaultTechnicalSettings,
  type MailboxKey,
  SettingsRecord,
  type SettingsSection,
  SuperOfficeSettings,
  SyncSettings,
  settingsKeys,
  TechnicalSettings,
  type UserLink,
  UserLinkChunk,
  userLinkChunkCount,
} from '@lockstep/contracts';
import { type TSchema, Type } from 'typebox';
import type { SettingsReader } from './kit.ts';

/** A stored record was written by a newer version: going on could overwrite what we do not understand. */
export class NewerRecord extends Error {
  constructor(key: string, found: number, known: number) {
    super(`The setting ${key} was written by a newer version (record ${found}, this one reads up to ${known}).`);
    this.name = 'NewerRecord';
  }
}

export type ReadSection = Exclude<SettingsSection, 'administrator'>;
export const readSections: readonly ReadSection[] = ['technical', 'superoffice', 'sync', 'user-links'];

const recordVersions = { record: 1, value: 1 };
const Versions = Type.Object({ v: Type.Integer(), value: Type.Object({ v: Type.Integer() }) });
const records = {
  technical: SettingsRecord(TechnicalSettings),
  superoffice: SettingsRecord(SuperOfficeSettings),
  sync: SettingsRecord(SyncSettings),
  userLinks: SettingsRecord(UserLinkChunk),
} as const;

interface Sections {
  readonly technical: TechnicalSettings;
  readonly superoffice: SuperOfficeSettings;
  readonly sync: SyncSettings;
  readonly userLinks: ReadonlyMap<MailboxKey, UserLink>;
}

export class StoredSettings implements SettingsReader {
  readonly #bucket: Bucket;
  #sections: Sections = {
    technical: defaultTechnicalSettings,
    superoffice: defaultSuperOfficeSettings,
    sync: defaultSyncSettings,
    userLinks: new Map(),
  };
  /** The text of what was read last, to compare with. */
  readonly #known = new Map<ReadSection, string>();
  readonly #listeners = new Set<(section: SettingsSection) => void>();
  /** The run that reads now. Runs follow one another: an older read must not overwrite a newer one. */
  #running: Promise<void> = Promise.resolve();
  /** The run that waits, and what it is to read: however many announcements come meanwhile, one more run tells them all. */
  #next: Promise<void> | undefined;
  readonly #wanted = new Set<ReadSection>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  technical = (): TechnicalSettings => this.#sections.technical;
  superoffice = (): SuperOfficeSettings => this.#sections.superoffice;
  sync = (): SyncSettings => this.#sections.sync;
  userLinks = (): ReadonlyMap<MailboxKey, UserLink> => this.#sections.userLinks;

  onChange(listener: (section: SettingsSection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True when every section was read once; an absent one counts as read. */
  complete(): boolean {
    return readSections.every((section) => this.#known.has(section));
  }

  /**
   * Reads sections again and tells the listeners of those that differ. A section that cannot be read keeps no other from
   * being read. Throws `BusError` or `NewerRecord`.
   */
  refresh(sections: readonly ReadSection[] = readSections): Promise<void> {
    for (const section of sections) this.#wanted.add(section);
    if (this.#next !== undefined) return this.#next;
    const run = this.#running.then(() => {
      this.#next = undefined;
      const wanted = [...this.#wanted];
      this.#wanted.clear();
      return this.#refreshAll(wanted);
    });
    this.#next = run;
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #refreshAll(sections: readonly ReadSection[]): Promise<void> {
    const failures: unknown[] = [];
    for (const section of sections) await this.#refreshOne(section).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures.find((error) => error instanceof NewerRecord) ?? failures[0];
  }

  async #refreshOne(section: ReadSection): Promise<void> {
    const read = await this.#read(section);
    const text = JSON.stringify(Object.values(read).map((value) => (value instanceof Map ? [...value] : value)));
    const before = this.#known.get(section);
    if (before === text) return;
    this.#known.set(section, text);
    this.#sections = { ...this.#sections, ...read };
    // The first read makes the settings; only a later one changes them.
    if (before !== undefined) for (const listener of [...this.#listeners]) listener(section);
  }

  async #read(section: ReadSection): Promise<Partial<Sections>> {
    const { technical, superoffice, sync, userLinks } = records;
    switch (section) {
      case 'technical':
        return { technical: (await this.#value(settingsKeys.technical, technical)) ?? defaultTechnicalSettings };
      case 'superoffice':
        return {
          superoffice: (await this.#value(settingsKeys.superoffice, superoffice)) ?? defaultSuperOfficeSettings,
        };
      case 'sync':
        return { sync: (await this.#value(settingsKeys.sync, sync)) ?? defaultSyncSettings };
      case 'user-links': {
        const keys = Array.from({ length: userLinkChunkCount }, (_, chunk) => settingsKeys.userLinkChunk(chunk));
        const chunks = await Promise.all(keys.map((key) => this.#value(key, userLinks)));
        const links = chunks.flatMap((chunk) => chunk?.links ?? []);
        return { userLinks: new Map(links.map((link) => [link.mailbox, link])) };
      }
    }
  }

  /** The section's value, undefined when it was never written. */
  async #value<S extends TSchema>(
    key: string,
    schema: ReturnType<typeof SettingsRecord<S>>,
  ): Promise<Data<S> | undefined> {
    try {
      const entry = await this.#bucket.get(key, schema);
      if (entry === undefined) return undefined;
      const record = entry.value as { readonly v: number; readonly value: Data<S> & { readonly v: number } };
      refuseNewer(key, record);
      return record.value;
    } catch (error) {
      // A newer record need not fit the schema of this version: say so instead of naming a field.
      if (error instanceof BusError && error.error.code === 'reply-invalid') {
        const versions = await this.#bucket.get(key, Versions).catch(() => undefined);
        if (versions !== undefined) refuseNewer(key, versions.value);
      }
      throw error;
    }
  }
}

function refuseNewer(key: string, record: { readonly v: number; readonly value: { readonly v: number } }): void {
  if (record.v > recordVersions.record) throw new NewerRecord(key, record.v, recordVersions.record);
  if (record.value.v > recordVersions.value) throw new NewerRecord(key, record.value.v, recordVersions.value);
}
