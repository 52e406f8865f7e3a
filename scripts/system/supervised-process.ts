// One child process: started again 1 s after it died, five times a minute at most; ended with SIGTERM, then SIGKILL.
// It is the leader of a process group of its own, so that Ctrl-C in a terminal reaches the supervisor alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { forgetProcess, noteProcess } from './leftovers.ts';

const restartAfterMs = 1_000;
const restartsPerMinute = 5;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Where its number is noted while it runs, so that a later start can end what a killed one left. */
  readonly noteFolder: string;
  /** After so long SIGTERM is followed by SIGKILL. */
  readonly stopWithinMs: number;
  /** Told when it died although nobody asked it to. */
  readonly onDeath: (name: string, how: string) => void;
}

export class SupervisedProcess {
  readonly spec: ProcessSpec;
  private child: ChildProcess | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private restarts: number[] = [];
  private wanted = false;

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** It ended by itself twice within the last minute. */
  get keepsEnding(): boolean {
    return this.restarts.filter((atMs) => performance.now() - atMs < 60_000).length >= 2;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    if (this.child) return;
    this.wanted = true;
    const { command, args, folder, environment, logFile } = this.spec;
    const log = openLog(logFile);
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...environment },
      stdio: ['ignore', log, log],
      detached: true,
    });
    if (log !== 'ignore') closeSync(log);
    this.child = child;
    if (child.pid !== undefined) noteProcess(this.spec.noteFolder, this.spec.name, child.pid);
    child.once('error', (error) => this.ended(child, error.message));
    child.once('exit', (code, signal) => this.ended(child, signal ?? `exit code ${code}`));
  }

  /** Sends a signal, for example SIGKILL in a test; the process is then started again as after any death. */
  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Ends it for good and waits until it is gone. */
  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.restartTimer);
    const child = this.child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.spec.stopWithinMs);
    await gone;
    clearTimeout(timer);
    forgetProcess(this.spec.noteFolder, this.spec.name);
  }

  private ended(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (!this.wanted) return;
    this.spec.onDeath(this.spec.name, how);
    this.restartTimer = setTimeout(() => this.start(), this.restartDelayMs(performance.now()));
  }

  private restartDelayMs(nowMs: number): number {
    this.restarts = this.restarts.filter((atMs) => nowMs - atMs < 60_000);
    const oldest = this.restarts[0];
    const full = this.restarts.length >= restartsPerMinute && oldest !== undefined;
    const delayMs = full ? oldest + 60_000 - nowMs : restartAfterMs;
    this.restarts.push(nowMs + delayMs);
    if (this.restarts.length > restartsPerMinute) this.restarts.shift();
    return delayMs;
  }
}

/** On a disk that is full or read-only the process runs without a log rather than not at all. */
function openLog(file: string): number | 'ignore' {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, 'a');
  } catch {
    return 'ignore';
  }
}
