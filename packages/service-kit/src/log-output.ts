// Where the log goes: a file descriptor, written at once. A log that cannot be written (disk full, reader gone) costs its lines
// and never the process: pino's own output ends the process then, or keeps it waiting in a loop until there is room.
import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Writes from the offset on and answers how much was written. Throws as `fs.writeSync` does. */
export type WriteSync = (fd: number, bytes: Buffer, offset: number) => number;

/** A reader that is slow is waited for this often, 10 ms each; then the line is lost. */
const patience = 50;
const patienceMs = 10;

export function logOutput(fd: number, write: WriteSync = writeSync): DestinationStream {
  let lost = 0;
  /** The last line was cut off: whatever comes next begins on a line of its own. */
  let cut = false;

  const put = (text: string): boolean => {
    const bytes = Buffer.from(text);
    let done = 0;
    for (let refusals = 0; done < bytes.length; ) {
      try {
        done += write(fd, bytes, done);
      } catch (error) {
        if (isSlow(error) && refusals++ < patience) sleep(patienceMs);
        else break;
      }
    }
    if (done > 0) cut = done < bytes.length;
    return done === bytes.length;
  };

  return {
    write(line) {
      const told = lost === 0 ? '' : `${JSON.stringify({ level: 'warn', msg: 'log lines lost', lines: lost })}\n`;
      if (put(`${cut ? '\n' : ''}${told}${line}`)) lost = 0;
      else lost++;
    },
  };
}

function isSlow(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
