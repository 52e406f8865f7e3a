// The engine dies at every effect of a create, a change and a delete, once before and once after it, and another engine
// takes over. Nothing may be lost and nothing may be there twice.
import type { Bus } from '@lockstep/bus';
import { until } from '@lockstep/bus/testing/until';
import type { Side } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CrashingBus, crashingBus } from './fakes/crashing-bus.ts';
import type { FakeSide } from './fakes/fake-side.ts';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const mostEffects = 60;
const config = { writeLimitMs: 500, readLimitMs: 2_000 };

interface Scenario {
  readonly when: 'before' | 'after';
  /** Brings about what the scenario begins with, while nothing crashes. */
  readonly prepare?: (round: number) => Promise<void>;
  readonly begin: (round: number) => void;
  readonly isOver: (round: number) => boolean;
}

/** Runs a scenario again and again, each time with a crash one effect later, until it gets through without one. */
async function crashEverywhere({ when, prepare, begin, isOver }: Scenario): Promise<readonly string[]> {
  let armed = false;
  const start = async (at: number) => {
    const crashing: { bus?: CrashingBus } = {};
    const wrap = (bus: Bus) => {
      crashing.bus = crashingBus(bus, { at, when }, () => armed);
      return crashing.bus.bus;
    };
    const engine = await setup.engine({ config, wrap });
    return { engine, crashing: () => crashing.bus };
  };
  let current = await start(1);
  for (let round = 1; round < mostEffects; round++) {
    await prepare?.(round);
    const { engine, crashing } = current;
    // What is left of the round before would be counted as well.
    await setup.quiet(engine);
    armed = true;
    begin(round);
    await until(() => crashing()?.doomed === true || isOver(round), `a crash at effect ${round}, or the end`);
    armed = false;
    const effects = crashing()?.effects ?? [];
    if (crashing()?.doomed !== true) {
      await engine.stop();
      return effects;
    }
    await until(() => crashing()?.dead === true, 'the crash');
    await engine.abandon();
    await setup.expireLeases();
    current = await start(round + 1);
    await until(() => isOver(round), `round ${round} to end well after a crash ${when} ${effects.at(-1)}`);
  }
  throw new Error(`more than ${mostEffects} effects`);
}

describe.each(['before', 'after'] as const)('a crash %s each effect', (when) => {
  it.each(['exchange', 'superoffice'] as const)(
    'of a create from %s makes exactly one counterpart',
    async (from) => {
      const to: Side = from === 'exchange' ? 'superoffice' : 'exchange';
      const { mailbox } = setup;
      const titles = (side: Side) =>
        mailbox[side]
          .all()
          .map(({ content }) => content.title)
          .sort();
      const effects = await crashEverywhere({
        when,
        begin: (round) => mailbox[from].userCreates(meeting(`Round ${round}`)),
        isOver: (round) => titles(to).length >= round,
      });
      expect(effects).toContain(from === 'exchange' ? 'superoffice.create' : 'exchange.create');
      await setup.inStep(titles(from).length);
      expect(titles(to)).toEqual(titles(from));
      expect(new Set(titles(to)).size).toBe(titles(to).length);
      expect(mailbox[to].writes.filter(({ operation }) => operation === 'remove')).toEqual([]);
    },
    240_000,
  );

  it('of a change and of a delete carries over exactly what people did', async () => {
    const { exchange, superoffice } = setup.mailbox;
    const titleOf = (side: FakeSide, id: string) => side.items.get(`appointment:${id}`)?.item.content.title;
    let exchangeId = '';
    let superofficeId = '';
    const changed = await crashEverywhere({
      when,
      async prepare(round) {
        if (round > 1) return;
        exchangeId = exchange.userCreates(meeting('Round 0'));
        await setup.inStep(1);
        superofficeId = superoffice.all()[0]?.id ?? '';
      },
      begin: (round) => superoffice.userChanges(superofficeId, { title: `Round ${round}` }),
      isOver: (round) => titleOf(exchange, exchangeId) === `Round ${round}`,
    });
    expect(changed).toContain('exchange.write');
    expect(superoffice.writes.filter(({ operation }) => operation === 'write')).toEqual([]);

    const victims: string[] = [];
    const deleted = await crashEverywhere({
      when,
      async prepare(round) {
        victims[round] = exchange.userCreates(meeting(`Victim ${round}`));
        await setup.inStep(2);
      },
      begin: (round) => exchange.userDeletes(victims[round] ?? ''),
      isOver: () => superoffice.items.size === 1,
    });
    expect(deleted).toContain('superoffice.remove');
    await setup.inStep(1);
    expect(exchange.writes.filter(({ operation }) => operation === 'remove')).toEqual([]);
  }, 240_000);
});

describe('NATS', () => {
  it('may die and come back in the middle of the work', async () => {
    const { exchange, superoffice } = setup.mailbox;
    await setup.engine({ config });
    for (let item = 0; item < 10; item++) exchange.userCreates(meeting(`Before ${item}`));
    await until(() => superoffice.items.size > 2, 'the work to be under way');
    await setup.server.kill();
    await setup.server.restart();
    for (let item = 0; item < 10; item++) superoffice.userCreates(meeting(`After ${item}`));
    await until(() => exchange.items.size === 20 && superoffice.items.size === 20, 'everything on both sides', 60_000);
    await setup.inStep(20);
  }, 120_000);
});
