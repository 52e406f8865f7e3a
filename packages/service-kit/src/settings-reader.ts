// The current settings, kept fresh. A broadcast can be lost and a bucket can be set back, so every section is also read on
// each reconnect and every 30 s, and compared for *different*, never for later.
import type { Bucket } from '@lockstep/bus';
import {
  type DeclaredSection,
  defaultSuperOfficeSettings,
  defaultSyncSettings,
  defaultTechnicalSettings,
  type MailboxKey,
  readSettings,
  type SettingsSection,
  type StoredRecord,
  type SuperOfficeSettings,
  type SyncSettings,
  settingsKeys,
  superofficeSection,
  syncSection,
  type TechnicalSettings,
  technicalSection,
  UnreadableRecord,
  type UserLink,
  userLinkChunkCount,
  userLinkChunkRecord,
} from '@lockstep/contracts';
import type { SettingsReader } from './kit.ts';

export type ReadSection = Exclude<SettingsSection, 'administrator'>;
export const readSections: readonly ReadSection[] = ['technical', 'superoffice', 'sync', 'user-links'];

interface Sections {
  readonly technical: TechnicalSettings;
  readonly superoffice: SuperOfficeSettings;
  readonly sync: SyncSettings;
  readonly userLinks: ReadonlyMap<MailboxKey, UserLink>;
}

export class StoredSettings implements SettingsReader {
  readonly #bucket: Bucket;
  readonly #onDamaged: ((error: UnreadableRecord) => void) | undefined;
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

  /** `onDamaged`: given by the service that repairs. A damaged section then counts as read, with what held of it before. */
  constructor(bucket: Bucket, onDamaged?: (error: UnreadableRecord) => void) {
    this.#bucket = bucket;
    this.#onDamaged = onDamaged;
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
   * being read, and what was read of it before still holds. Throws `BusError` or `UnreadableRecord`.
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
    for (const section of sections) {
      await this.#refreshOne(section).catch((error: unknown) => {
        if (this.#onDamaged === undefined || !isDamaged(error)) return failures.push(error);
        if (!this.#known.has(section)) this.#known.set(section, '');
        return this.#onDamaged(error);
      });
    }
    const isNewer = (error: unknown) => error instanceof UnreadableRecord && error.isNewer;
    if (failures.length > 0) throw failures.find(isNewer) ?? failures[0];
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
    switch (section) {
      case 'technical':
        return { technical: await this.#section(technicalSection) };
      case 'superoffice':
        return { superoffice: await this.#section(superofficeSection) };
      case 'sync':
        return { sync: await this.#section(syncSection) };
      case 'user-links': {
        const keys = Array.from({ length: userLinkChunkCount }, (_, chunk) => settingsKeys.userLinkChunk(chunk));
        const chunks = await Promise.all(keys.map((key) => this.#value(key, userLinkChunkRecord)));
        const links = chunks.flatMap((chunk) => chunk?.links ?? []);
        return { userLinks: new Map(links.map((link) => [link.mailbox, link])) };
      }
    }
  }

  async #section<T>({ name, stored, standard }: Readable<T>): Promise<T> {
    return (await this.#value(settingsKeys[name], stored)) ?? standard;
  }

  /** The value at a key, undefined when it was never written. */
  async #value<T>(key: string, record: StoredRecord<T>): Promise<T | undefined> {
    const entry = await this.#bucket.getBytes(key);
    if (entry === undefined) return undefined;
    const reading = readSettings(record, entry.value);
    if (reading.kind !== 'ok') throw new UnreadableRecord('setting', key, reading);
    return reading.value.value;
  }
}

interface Readable<T> extends Pick<DeclaredSection, 'name'> {
  readonly stored: StoredRecord<T>;
  readonly standard: T;
}

/** A record that somebody has to repair; what was read before stays in force. */
export const isDamaged = (error: unknown): error is UnreadableRecord =>
  error instanceof UnreadableRecord && !error.isNewer;
