// How much of the disk the history may take: all that it is made for where there is room, less on a small disk.
import { statfsSync } from 'node:fs';
import { environment as variables } from '@lockstep/contracts';

const GiB = 1024 ** 3;
/** What everything but the history takes at most: the work queues 3 GiB, the buckets, logs and snapshots the rest. */
const othersGib = 5;

export interface HistoryRoom {
  /** The value of LOCKSTEP_HISTORY_GIB for the services. */
  readonly gib: string | undefined;
  /** What to tell the user; undefined where there is room for all. */
  readonly notice?: string;
}

/** What the user named, else what fits on the disk of the folder. Throws on what is no number. */
export function historyRoom(folder: string, environment: Readonly<Record<string, string | undefined>>): HistoryRoom {
  const { name, standard } = variables.historyGib;
  const { bavail, bsize } = statfsSync(folder);
  return roomFor(bavail * bsize, environment[name], Number(standard), folder);
}

/** The same for a number of bytes that are free. */
export function roomFor(
  freeBytes: number,
  named: string | undefined,
  standardGib: number,
  folder: string,
): HistoryRoom {
  if (named) return { gib: wholeNumber(named) };
  const gib = Math.min(standardGib, Math.max(1, Math.floor(freeBytes / GiB) - othersGib));
  if (gib === standardGib) return { gib: String(gib) };
  const free = (freeBytes / GiB).toFixed(1);
  const wish = `With ${standardGib + othersGib} GiB free it would take ${standardGib} (LOCKSTEP_HISTORY_GIB names another bound).`;
  const notice = `The disk of ${folder} has ${free} GiB free: a new history is bounded to ${gib} GiB. ${wish}`;
  return { gib: String(gib), notice };
}

function wholeNumber(text: string): string {
  if (/^[1-9]\d{0,4}$/.test(text)) return text;
  throw new Error(`${variables.historyGib.name} is "${text}", but has to be a whole number of GiB.`);
}
