// How fast does the governor give and take tokens? One governor process and one nats-server; 16 callers at a time take a token and
// give it back. Beside it, in the same run, a bare NATS request and reply between two processes: what the transport alone costs.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Bus } from '@lockstep/bus';
import { startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { governor, type RequestId, type SessionId } from '@lockstep/contracts';
import { createTestKit } from '@lockstep/service-kit/testing/kit';
import { connect } from 'nats';

const rounds = Number(process.argv[2] ?? 20_000);
const warmUpRounds = 2_000;
const atATime = 16;
const echoSubject = 'bench.echo';
const root = path.resolve(import.meta.dirname, '..');

interface Measured {
  readonly what: string;
  /** Round trips over NATS in one of these. */
  readonly roundTrips: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

async function measured(what: string, roundTrips: number, one: () => Promise<void>): Promise<Measured> {
  const times: number[] = [];
  const many = async (count: number) => {
    let left = count;
    const worker = async () => {
      while (left-- > 0) {
        const before = performance.now();
        await one();
        times.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  };
  await many(warmUpRounds);
  times.length = 0;
  const before = performance.now();
  await many(rounds);
  const seconds = (performance.now() - before) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
  return { what, roundTrips, perSecond: rounds / seconds, medianMs: at(0.5), p99Ms: at(0.99) };
}

interface Opened {
  readonly epoch: number;
  readonly timer: NodeJS.Timeout;
}

/** A gateway's session, as far as the governor sees it; resolves when the governor grants. */
async function openSession(bus: Bus, sessionId: SessionId): Promise<Opened> {
  const beat = () =>
    bus.request(
      governor.heartbeat,
      { sessionId, gatewayId: 'bench', held: [] },
      { correlationId: sessionId, deadlineMs: governor.governorTimings.heartbeatEveryMs },
    );
  const timer = setInterval(() => void beat(), governor.governorTimings.heartbeatEveryMs);
  const epoch = await until(async () => {
    const reply = await beat();
    return reply.ok && reply.value.phase === 'granting' ? reply.value.epoch : undefined;
  }, 'a governor that grants');
  return { epoch, timer };
}

async function takeAndGiveBack(bus: Bus, sessionId: SessionId, epoch: number): Promise<void> {
  const requestId = randomUUID() as RequestId;
  const options = { ...governor.ofEpoch(epoch), correlationId: requestId, deadlineMs: 10_000 };
  const asked = {
    requestId,
    sessionId,
    pool: 'call',
    payer: 'bench',
    priority: 'change',
    operation: 'GetItem',
  } as const;
  const granted = await bus.request(governor.acquire, asked, options);
  if (!granted.ok) throw new Error(`not granted: ${granted.error.code}`);
  const { token } = granted.value;
  const used = { token, sessionId, outcome: 'ok', latencyMs: 10, operation: 'GetItem' } as const;
  const released = await bus.request(governor.release, used, options);
  if (!released.ok) throw new Error(`not released: ${released.error.code}`);
}

function table(all: readonly Measured[], bare: Measured): string {
  const head = ['', 'a second', 'median', '99 %', 'round trips a second', 'of bare NATS'];
  const rows = all.map((one) => {
    const trips = one.perSecond * one.roundTrips;
    const share = (100 * trips) / bare.perSecond;
    const ms = (value: number) => `${value.toFixed(2)} ms`;
    return [
      one.what,
      one.perSecond.toFixed(0),
      ms(one.medianMs),
      ms(one.p99Ms),
      trips.toFixed(0),
      `${share.toFixed(0)} %`,
    ];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [head, ...rows].map(line).join('\n');
}

/** The other side of the bare round trip, in a process of its own as the governor is. */
async function answerEchoes(url: string): Promise<void> {
  const nats = await connect({ servers: url });
  nats.subscribe(echoSubject, { callback: (_, message) => void message.respond(message.data) });
  await nats.flush();
  console.log('ready');
  await nats.closed();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function main(): Promise<void> {
  const server = await startNatsServer();
  const children: ChildProcess[] = [];
  const start = (file: string, ...args: string[]) => {
    const env = { ...process.env, NATS_URL: server.url, LOCKSTEP_PORT: '0', LOCKSTEP_LOG_LEVEL: 'error' };
    const child = spawn(process.execPath, [path.join(root, file), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  // Makes the storage, and the settings with no fixed limit.
  const kit = await createTestKit('exchange-gateway', { natsUrl: server.url, settings: { technical: {} } });
  const nats = await connect({ servers: server.url });
  let beating: NodeJS.Timeout | undefined;
  try {
    const echo = start('bench/governor.bench.ts', 'echo', server.url);
    await once(createInterface({ input: echo.stdout }), 'line');
    start('services/throttle-governor/src/main.ts');
    const sessionId = randomUUID() as SessionId;
    const { epoch, timer } = await openSession(kit.bus, sessionId);
    beating = timer;
    const payload = Buffer.alloc(250, 'x');
    const bare = await measured('bare NATS request and reply', 1, async () => {
      await nats.request(echoSubject, payload, { timeout: 10_000 });
    });
    const tokens = await measured('token taken and given back', 2, () => takeAndGiveBack(kit.bus, sessionId, epoch));
    console.log(`\n${rounds} times each, ${atATime} at a time:\n${table([bare, tokens], bare)}`);
  } finally {
    clearInterval(beating);
    await nats.close();
    await kit.close();
    for (const child of children) await end(child);
    await server.stop();
  }
}

if (process.argv[2] === 'echo') await answerEchoes(process.argv[3] ?? '');
else await main();
