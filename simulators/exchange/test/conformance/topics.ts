// Runs the conformance topics: Python scripts that drive the simulator with exchangelib, a client that this project did
// not write. A topic declares its steps with `@step("sentence")`; the sentences are read from its source, so that a step
// that was not reached is missed.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const python = '/usr/bin/python3';
/** A topic that takes longer hangs. */
const topicTimeoutMs = 45_000;

export interface Outcome {
  readonly step: string;
  readonly ok: boolean;
  readonly detail: string | null;
}

export interface Topic {
  readonly name: string;
  readonly file: string;
  readonly steps: readonly string[];
}

/** Undefined when exchangelib can be used; else why it cannot. */
export function whyNoExchangelib(): string | undefined {
  if (spawnSync(python, ['-c', 'import exchangelib']).status === 0) return undefined;
  return `${python} has no exchangelib (on Debian: apt-get install python3-exchangelib)`;
}

/** Every topic in the folder, with the sentences that it declares. */
export function readTopics(): readonly Topic[] {
  const folder = import.meta.dirname;
  const names = readdirSync(folder).filter((name) => name.endsWith('.py') && name !== 'support.py');
  return names.sort().map((name) => {
    const file = join(folder, name);
    const steps = [...readFileSync(file, 'utf8').matchAll(/^@step\("(.*)"\)$/gm)].map((match) => match[1] ?? '');
    return { name: name.replace('.py', '').replaceAll('_', ' '), file, steps };
  });
}

/** Runs a topic to its end. @throws Error when it ends badly, with what it wrote to its error output */
export async function runTopic(topic: Topic, url: string): Promise<readonly Outcome[]> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, [topic.file, url], { env, timeout: topicTimeoutMs });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how: [number | null, string | null]) => resolve(how));
  });
  if (code !== 0) throw new Error(`The topic '${topic.name}' ended with ${code ?? signal}: ${errors}`);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome);
}
