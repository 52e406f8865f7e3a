// Keeps the database in one file: written every interval when something changed, and at close. A file that was not
// written at close ("unclean") may lack the last writes, so its sequences jump ahead: no id is ever given twice.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database, Switches } from './database.ts';
import type { StoredTable } from './table.ts';

/** More rows than could be made in one interval. */
const idGap = 1_000_000;

interface StoredSnapshot {
  readonly v: 1;
  readonly clean: boolean;
  readonly switches: Switches;
  readonly tables: Readonly<Record<string, StoredTable>>;
}

export class Snapshot {
  readonly #file: string;
  readonly #database: Database;
  readonly #timer: NodeJS.Timeout;
  #savedVersion = -1;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, database: Database, intervalMs: number) {
    this.#file = file;
    this.#database = database;
    this.#timer = setInterval(() => this.#saveIfChanged(), intervalMs);
  }

  /** Loads the file when there is one and begins to keep it. */
  static async open(file: string, database: Database, intervalMs: number): Promise<Snapshot> {
    await mkdir(dirname(file), { recursive: true });
    const stored = await load(file);
    if (stored !== undefined) {
      database.import(stored.tables);
      database.setSwitches(stored.switches);
      if (!stored.clean) for (const table of database.tables().values()) table.skipIds(idGap);
    }
    const snapshot = new Snapshot(file, database, intervalMs);
    await snapshot.#save(false);
    return snapshot;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.#save(true);
  }

  #saveIfChanged(): void {
    if (this.#database.version === this.#savedVersion) return;
    this.#saving = this.#saving
      .then(() => this.#save(false))
      .catch(() => {
        // A full disk must not end the simulator: the next interval tries again, and close() tells.
        this.#savedVersion = -1;
      });
  }

  async #save(clean: boolean): Promise<void> {
    this.#savedVersion = this.#database.version;
    const { switches } = this.#database;
    const snapshot: StoredSnapshot = { v: 1, clean, switches, tables: this.#database.export() };
    const temporary = `${this.#file}.tmp`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(snapshot));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file);
  }
}

async function load(file: string): Promise<StoredSnapshot | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const stored = JSON.parse(text) as { v: number };
  if (stored.v !== 1) throw new Error(`Snapshot ${file} has version ${stored.v}; this simulator reads version 1`);
  return stored as StoredSnapshot;
}
