// Each part is killed once in mid-flow, and the gateway stopped and continued. Afterwards both sides are equal, nothing is there twice, nothing is lost,
// and no request went out without a token.
import { setTimeout } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bothSides } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { type Person, type RunningSystem, startSystem } from './support/running-system.ts';

/** A crashed lease holder is replaced after 15 s, and a new governor counts for 10 s more. */
const recoveredWithinMs = 100_000;
/** Longer than a session is valid, and than the tokens of one that was killed stay out. */
const standstillMs = 14_000;
const limit = 4;
const perRound = 6;

let running: RunningSystem;
beforeAll(async () => {
  running = await startSystem();
  await running.api('PATCH', '/settings/technical', { concurrentRequestLimit: limit });
});
afterAll(() => running?.stop());
afterEach(async () => {
  const report = await running.audit.report();
  expect(report).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
  expect(report.peak).toBeLessThanOrEqual(limit);
  // What a killed NATS had in hand: no more than could be under way, before it and after it.
  expect(report.unheard.length).toBeLessThanOrEqual(2 * limit);
});

/** Changes on both sides, with a kill in the middle of them. */
async function changeAround(person: Person, round: string, kill: () => void): Promise<readonly string[]> {
  const titles: string[] = [];
  for (let n = 0; n < perRound; n += 1) {
    const day = String(1 + n).padStart(2, '0');
    const when = { start: `2026-12-${day}T09:00:00Z`, end: `2026-12-${day}T10:00:00Z` };
    const outlook = `${round} outlook ${n}`;
    const superoffice = `${round} superoffice ${n}`;
    await Promise.all([
      person.exchange.create({ subject: outlook, ...when }),
      person.superoffice.create({ title: superoffice, ...when }),
    ]);
    titles.push(outlook, superoffice);
    if (n === perRound / 2) kill();
  }
  return titles;
}

async function everythingTwice(person: Person, titles: readonly string[]): Promise<void> {
  await eventually(recoveredWithinMs, async () => {
    const { exchange, superoffice } = await bothSides(person.exchange, person.superoffice);
    expect(exchange.map((item) => item.title).sort()).toEqual([...titles].sort());
    expect(superoffice).toEqual(exchange);
  });
}

describe('a killed part', () => {
  const allTitles = new Map<string, string[]>();
  const people = ['alice', 'bob', 'carol', 'dave'] as const;

  async function round(name: string, index: number, kill: () => void): Promise<void> {
    const login = people[index % people.length] ?? 'alice';
    const person = running.people[login];
    const titles = allTitles.get(login) ?? [];
    allTitles.set(login, titles);
    titles.push(...(await changeAround(person, name, kill)));
    await everythingTwice(person, titles);
  }

  serviceNames.forEach((name: ServiceName, index) => {
    it(`${name}: nothing is lost and nothing is there twice`, async () => {
      await round(name, index, () => running.system.process(name).kill('SIGKILL'));
    }, 150_000);
  });

  it('NATS: nothing is lost and nothing is there twice', async () => {
    await round('nats', 6, () => running.system.process('nats').kill('SIGKILL'));
  }, 150_000);

  it('a gateway that stands still for longer than its session: nothing is lost and nothing is there twice', async () => {
    let goesOn: Promise<void> | undefined;
    await round('standstill', 7, () => {
      const gateway = running.system.process('exchange-gateway');
      gateway.kill('SIGSTOP');
      goesOn = setTimeout(standstillMs).then(() => gateway.kill('SIGCONT'));
    });
    await goesOn;
  }, 150_000);
});
