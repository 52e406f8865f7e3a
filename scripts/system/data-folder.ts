// The data folder belongs to one running system: two nats-servers on one store damage it. The lock is one of SQLite, that is, of
// the operating system: it ends with the process that holds it, however that ends, and nothing stale remains.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const lockName = 'lock.sqlite';
/** The process that took the lock last: what a refusal tells. */
const holderName = `${lockName}-holder`;

export interface FolderLock {
  release(): void;
}

/** Makes the folder where it is missing. Throws with advice when it cannot be written, or another system runs on it. */
export function lockDataFolder(folder: string): FolderLock {
  makeWritable(folder);
  const database = new DatabaseSync(path.join(folder, lockName), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test((error as Error).message)) throw error;
    throw new Error(
      `data-folder-in-use: another Lockstep${holderOf(folder)} runs on the data folder ${folder}. ` +
        'Stop it first, or name another folder with --data.',
      { cause: error },
    );
  }
  writeFileSync(path.join(folder, holderName), String(process.pid));
  return { release: () => database.close() };
}

function holderOf(folder: string): string {
  const file = path.join(folder, holderName);
  const pid = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return pid === '' ? '' : ` (process ${pid})`;
}

/** Forgets everything in a folder whose lock is held; the lock itself stays. */
export function emptyDataFolder(folder: string): void {
  for (const name of readdirSync(folder))
    if (!name.startsWith(lockName)) rmSync(path.join(folder, name), { recursive: true, force: true });
}

function makeWritable(folder: string): void {
  const probe = path.join(folder, `.writable-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, 'x');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'its disk is full' : message;
    throw new Error(
      `data-folder-unwritable: the data folder ${folder} cannot be written: ${why}. Name another folder with --data.`,
      {
        cause: error,
      },
    );
  } finally {
    if (existsSync(probe)) rmSync(probe, { force: true });
  }
}
