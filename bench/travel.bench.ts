// How long does a change take from one side to the other? Real processes, real NATS, both simulators, nothing else running:
// appointments are created, changed and deleted one after the other, and each is timed until the other side shows it. The
// people take turns, since the delete brake holds what goes beyond 20 deletes of one mailbox in ten minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { testLayout } from '../scripts/system/layout.ts';
import { call, provision } from '../scripts/system/provision.ts';
import { samplePeople } from '../scripts/system/sample-people.ts';
import { System } from '../scripts/system/system.ts';

const rounds = Number(process.argv[2] ?? 36);
const lookEveryMs = 5;
const withinMs = 30_000;
const root = path.resolve(import.meta.dirname, '..');

interface Item {
  readonly urlId: string;
  readonly subject: string;
}
interface Row {
  readonly id: number;
  readonly title: string;
}

const times = new Map<string, number[]>();

async function timed(what: string, change: () => Promise<unknown>, shown: () => Promise<boolean>): Promise<void> {
  await change();
  const before = performance.now();
  while (!(await shown())) {
    if (performance.now() - before > withinMs) throw new Error(`${what}: nothing after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  times.set(what, [...(times.get(what) ?? []), performance.now() - before]);
}

/** The first round is not counted: a governor that has just started counts for ten seconds before it grants. */
async function measure(system: System): Promise<void> {
  const superoffice = `${system.simulatorUrl('superoffice')}/control/appointments`;
  const when = { start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' };
  for (let round = 0; round <= rounds; round += 1) {
    if (round === 1) times.clear();
    const title = `Round ${round}`;
    const { login, address } = samplePeople[round % samplePeople.length] ?? { login: '', address: '' };
    const exchange = `${system.simulatorUrl('exchange')}/control/mailboxes/${address}/calendar/items`;
    const items = () => call<Item[]>('GET', exchange);
    const rows = () => call<Row[]>('GET', `${superoffice}?associate=${login}`);
    const shownInRows = (wanted: string) => async () => (await rows()).some((row) => row.title === wanted);
    const shownInItems = (wanted: string) => async () => (await items()).some((item) => item.subject === wanted);
    const post = () => call<Item>('POST', exchange, { subject: title, ...when });
    await timed('created in Exchange', post, shownInRows(title));
    const item = (await items())[0];
    const rename = () => call('PATCH', `${exchange}/${item?.urlId}`, { subject: `${title} changed` });
    await timed('changed in Exchange', rename, shownInRows(`${title} changed`));
    const remove = async () => call('DELETE', `${exchange}/${(await items())[0]?.urlId}`);
    await timed('deleted in Exchange', remove, async () => (await rows()).length === 0);

    let id = 0;
    const add = async () => {
      id = (await call<Row>('POST', superoffice, { associate: login, title, ...when })).id;
    };
    await timed('created in SuperOffice', add, shownInItems(title));
    const retitle = () => call('PATCH', `${superoffice}/${id}`, { as: login, title: `${title} changed` });
    await timed('changed in SuperOffice', retitle, shownInItems(`${title} changed`));
    const drop = () => call('DELETE', `${superoffice}/${id}?as=${login}`);
    await timed('deleted in SuperOffice', drop, async () => (await items()).length === 0);
    if (round > 0 && round % 10 === 0) console.log(`  ${round} of ${rounds} rounds …`);
  }
}

function table(): string {
  const at = (sorted: readonly number[], share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const lines = [...times].map(([what, all]) => {
    const sorted = [...all].sort((a, b) => a - b);
    const cells = [at(sorted, 0.5), at(sorted, 0.95), at(sorted, 1)].map((ms) => `${ms.toFixed(0).padStart(6)} ms`);
    return `${what.padEnd(24)} ${cells.join('  ')}`;
  });
  return [`${''.padEnd(24)} ${'median'.padStart(9)}  ${'95 %'.padStart(9)}  ${'longest'.padStart(9)}`, ...lines].join(
    '\n',
  );
}

const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-bench-'));
const system = await System.start(
  {
    layout: await testLayout(root, dataFolder),
    natsServer: process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server',
    onDeath: (name, how) => console.log(`${name} ended: ${how}`),
  },
  60_000,
);
try {
  await provision(system);
  await measure(system);
  console.log(`\nFrom one side to the other, ${rounds} times each:\n${table()}`);
} finally {
  await system.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
