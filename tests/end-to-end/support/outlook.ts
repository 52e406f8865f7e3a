// exchangelib, a client that this project did not write, as an Outlook for the tests (see outlook.py).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { samplePassword } from '../../../scripts/system/sample-people.ts';

const python = '/usr/bin/python3';

/** Undefined when exchangelib can be used; else why it cannot, for the skipped test to say. */
export function whyNoOutlook(): string | undefined {
  const found = spawnSync(python, ['-c', 'import exchangelib']);
  if (found.status === 0) return undefined;
  return `left out: ${python} has no exchangelib (on Debian: apt-get install python3-exchangelib)`;
}

export class Outlook {
  private readonly child: ChildProcess;
  private readonly waiting: ((line: string) => void)[] = [];

  constructor(simulatorUrl: string, address: string) {
    const script = path.join(import.meta.dirname, 'outlook.py');
    const args = [script, `${simulatorUrl}/EWS/Exchange.asmx`, address, samplePassword];
    const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => this.waiting.shift()?.(line));
    this.child = child;
  }

  /** Sends one request and answers its value. Throws with the client's error when it failed. */
  async do<T>(action: string, request: Record<string, unknown> = {}): Promise<T> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin?.write(`${JSON.stringify({ do: action, ...request })}\n`);
    });
    const answer = JSON.parse(line) as { ok: boolean; value: T; error?: string; message?: string };
    if (!answer.ok) throw new Error(`exchangelib ${action}: ${answer.error}: ${answer.message}`);
    return answer.value;
  }

  close(): void {
    this.child.stdin?.end();
  }
}
