// Is the Exchange simulator a bottleneck? GetFolder calls a second over keep-alive connections, 16 at a time, beside what a
// bare HTTP server does with the same bytes in the same run, and how long 10,000 mailboxes with 100 items each take to seed,
// and in how much memory. Client and server share the same cores.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';

const root = path.resolve(import.meta.dirname, '..');
const atATime = 16;
const calls = 30_000;
const warmUpCalls = 3_000;
const mailboxes = 10_000;
const itemsEach = 100;
const mailboxesPerCall = 250;

interface Simulator {
  readonly url: string;
  readonly child: ChildProcess;
}

async function started(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<Simulator> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/[\d.]+:\d+/.exec(line);
      if (found) resolve(found[0]);
    });
  });
  return { url, child };
}

const getFolder = `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Header><t:RequestServerVersion Version="Exchange2013_SP1"/></s:Header><s:Body><m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>`;

/** A server that reads each request and answers with so many bytes, and does nothing else: the most that Node can do here. */
const bareServer = `
  const server = require('node:http').createServer((request, response) => {
    request.resume().on('end', () => response.end(process.argv[1]));
  });
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;

async function callsPerSecond(url: string): Promise<{ rate: number; answer: string }> {
  const pool = new Pool(url, { connections: atATime, pipelining: 1 });
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    authorization: `Basic ${Buffer.from('user0@bench.test:bench').toString('base64')}`,
  };
  let answer = '';
  const one = async () => {
    const response = await pool.request({ path: '/EWS/Exchange.asmx', method: 'POST', headers, body: getFolder });
    const text = await response.body.text();
    if (response.statusCode !== 200 || !text.includes('NoError')) throw new Error(`${response.statusCode} ${text}`);
    answer = text;
  };
  const many = async (count: number) => {
    let left = count;
    const worker = async () => {
      while (left-- > 0) await one();
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  };
  await many(warmUpCalls);
  const before = performance.now();
  await many(calls);
  const seconds = (performance.now() - before) / 1000;
  await pool.close();
  return { rate: calls / seconds, answer };
}

async function measureCalls(simulatorUrl: string): Promise<void> {
  await seed(simulatorUrl, 1, 1, 0);
  const simulator = await callsPerSecond(simulatorUrl);
  const bare = await started(process.execPath, ['-e', bareServer, simulator.answer], {});
  try {
    const { rate } = await callsPerSecond(bare.url);
    const ratio = Math.round((100 * simulator.rate) / rate);
    console.log(`GetFolder: ${Math.round(simulator.rate)} calls a second (${calls} calls, ${atATime} at a time)`);
    console.log(`A bare HTTP server: ${Math.round(rate)}; the simulator does ${ratio} % of that`);
  } finally {
    bare.child.kill('SIGTERM');
  }
}

async function measureSeeding({ url, child }: Simulator): Promise<void> {
  const before = performance.now();
  for (let first = 0; first < mailboxes; first += mailboxesPerCall) {
    await seed(url, mailboxesPerCall, itemsEach, first);
    if (first % 2_500 === 0) console.log(`  ${first + mailboxesPerCall} mailboxes …`);
  }
  const seconds = (performance.now() - before) / 1000;
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  const size = `${mailboxes} mailboxes with ${itemsEach} items each`;
  console.log(`Seeding: ${size} in ${seconds.toFixed(1)} s, ${(kibibytes / 1024 ** 2).toFixed(2)} GiB of memory`);
}

async function seed(url: string, count: number, items: number, first: number): Promise<void> {
  const start = (n: number) => new Date(Date.UTC(2026, 11, 1, 8 + n * 24)).toISOString();
  const appointments = Array.from({ length: items }, (_, n) => ({
    subject: `Meeting ${n}`,
    start: start(n),
    end: new Date(Date.parse(start(n)) + 3_600_000).toISOString(),
  }));
  const boxes = Array.from({ length: count }, (_, n) => ({
    address: `user${first + n}@bench.test`,
    displayName: `User ${first + n}`,
    password: 'bench',
    items: appointments,
  }));
  const response = await fetch(`${url}/control/seed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mailboxes: boxes }),
  });
  if (!response.ok) throw new Error(`seeding answered ${response.status}: ${await response.text()}`);
}

const simulator = await started(process.execPath, [path.join(root, 'simulators/exchange/src/main.ts')], {
  LOCKSTEP_EXCHANGE_SIMULATOR_PORT: '0',
});
try {
  await measureCalls(simulator.url);
  await fetch(`${simulator.url}/control/reset`, { method: 'POST' });
  await measureSeeding(simulator);
} finally {
  simulator.child.kill('SIGTERM');
}
