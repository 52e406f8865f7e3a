// Texts that are too long for a message: the rest of the item is synchronized, and the history says what was left out.
import { until } from '@lockstep/bus/testing/until';
import type { AppointmentContent } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, meeting, Setup, soon } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const timed = (days: number) => ({
  time: { kind: 'timed' as const, start: soon(days), end: soon(days + 0.05), zone: 'UTC' },
});
const leftOut = 'left alone, too long to be compared: text';

async function decisions(): Promise<readonly string[]> {
  return (await setup.world.history(setup.mailbox.key)).map(({ decision }) => decision);
}

async function verified(engine: Engine): Promise<void> {
  await setup.world.reportAll(setup.mailbox.key, 'verification');
  await setup.quiet(engine);
}

describe('a linked item whose text becomes too long for a message', () => {
  /** As Exchange shows such a text: its beginning, always cut at the same place. */
  const cut = { format: 'html' as const, content: `<p>${'x'.repeat(1_000)}`, truncated: true };

  async function withLongText() {
    const engine = await setup.engine();
    const { exchange, superoffice } = setup.mailbox;
    const id = exchange.userCreates(meeting('Minutes', { ...timed(1), text: { format: 'plain', content: 'Short' } }));
    await setup.inStep(1);
    const other = superoffice.all()[0]?.id ?? '';
    exchange.userChanges(id, { text: cut, location: 'Room 9' });
    await until(() => superoffice.get(other).content.location === 'Room 9', 'the other change');
    await setup.quiet(engine);
    return {
      engine,
      exchange,
      superoffice,
      id,
      other,
      textOf: (content: object) => (content as AppointmentContent).text,
    };
  }

  it('is told once for each version, however often it is compared', async () => {
    const { engine, exchange, id } = await withLongText();
    const told = async () => (await decisions()).filter((decision) => decision === leftOut).length;
    await verified(engine);
    expect(await told()).toBe(1);
    await verified(engine);
    expect(await told()).toBe(1);
    exchange.userChanges(id, { title: 'Once more' });
    await setup.quiet(engine);
    await until(async () => (await told()) === 2, 'the next version to be told');
    await verified(engine);
    expect(await told()).toBe(2);
    expect((await setup.explain(engine)).parked).toEqual([]);
  });

  it('travels whole again when it is short again', async () => {
    const { exchange, superoffice, id, other, textOf } = await withLongText();
    exchange.userChanges(id, { text: { format: 'html', content: '<p>Short again</p>' } });
    await until(() => textOf(superoffice.get(other).content).content === 'Short again', 'the text');
  });
});

describe('linked items of which few fit into one reply', () => {
  it('are compared and not parked', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = setup.mailbox;
    for (let item = 0; item < 12; item++) exchange.userCreates(meeting(`Item ${item}`, timed(item)));
    await setup.inStep(12);
    exchange.fitting = superoffice.fitting = 2;
    setup.silently(() => exchange.userChanges(exchange.all()[11]?.id ?? '', { title: 'Changed in silence' }));
    await verified(engine);
    await setup.inStep(12);
    expect((await setup.explain(engine)).parked).toEqual([]);
  });
});

describe('a new item whose text is too long for a message', () => {
  it('is created with the beginning of it, and says so', async () => {
    const engine = await setup.engine();
    const { exchange } = setup.mailbox;
    exchange.userCreates(meeting('Minutes', { text: { format: 'plain', content: 'The beginning', truncated: true } }));
    await setup.inStep(1);
    await setup.quiet(engine);
    expect(await decisions()).toContain('new; too long, only its beginning: text');
  });
});
