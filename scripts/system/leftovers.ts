// What a system that was killed has left running. Each process that is started is noted in the data folder, by its number and
// the moment at which it began, since numbers are given again; the next start on that folder ends those that still run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { wait } from '@lockstep/bus/wait';

/** A service finishes or hands back what it has within this. */
const endWithinMs = 16_000;
const lookEveryMs = 50;

export function noteProcess(folder: string, name: string, pid: number): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, name), `${pid} ${beganAt(pid) ?? ''}`);
  } catch {
    // On a full disk the process runs without a note rather than not at all.
  }
}

export function forgetProcess(folder: string, name: string): void {
  rmSync(path.join(folder, name), { force: true });
}

/** Ends everything that is noted and still runs, and answers the names. */
export async function endLeftovers(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const noted = readdirSync(folder).map((name) => ({ name, ...noteOf(path.join(folder, name)) }));
  const running = noted.filter(isRunning);
  for (const { pid } of running) process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + endWithinMs;
  while (running.some(isRunning) && performance.now() < deadline) await wait(lookEveryMs);
  for (const one of running.filter(isRunning)) process.kill(one.pid, 'SIGKILL');
  while (running.some(isRunning)) await wait(lookEveryMs);
  for (const { name } of noted) forgetProcess(folder, name);
  return running.map(({ name }) => name);
}

interface Note {
  readonly pid: number;
  readonly began: string;
}

function noteOf(file: string): Note {
  const [pid = '', ...began] = readFileSync(file, 'utf8').split(' ');
  return { pid: Number(pid), began: began.join(' ') };
}

function isRunning({ pid, began }: Note): boolean {
  return pid > 0 && began !== '' && beganAt(pid) === began;
}

/** When a process began, in the words of the system; undefined when it does not run (any more). */
function beganAt(pid: number): string | undefined {
  if (existsSync('/proc/self/stat')) {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // Field 22 of proc(5); a zombie only waits to be counted.
      return state === 'Z' ? undefined : fields[18];
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
