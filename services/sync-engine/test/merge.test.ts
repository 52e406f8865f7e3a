// Two people edit the same appointment on the two sides, at the same time or nearly so.
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

/** A pair that both sides hold and the engine knows. */
async function linked() {
  const { exchange, superoffice, key } = setup.mailbox;
  const exchangeId = exchange.userCreates(meeting('First'));
  await setup.inStep(1);
  const superofficeId = superoffice.all()[0]?.id ?? '';
  return { exchange, superoffice, key, exchangeId, superofficeId };
}

describe('simultaneous edits', () => {
  it('both survive when they are of different fields', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId } = await linked();
    exchange.userChanges(exchangeId, { title: 'From Exchange' });
    superoffice.userChanges(superofficeId, { location: 'From SuperOffice' });
    await until(() => exchange.get(exchangeId).content.location === 'From SuperOffice', 'the place in Exchange');
    await until(() => superoffice.get(superofficeId).content.title === 'From Exchange', 'the title in SuperOffice');
    await setup.inStep(1);
    await engine.stop();
    expect(exchange.get(exchangeId).content.title).toBe('From Exchange');
  });

  it('of one field end with the newer one, and the other is in the history', async () => {
    const calm = await setup.engine();
    const { exchange, superoffice, key, exchangeId, superofficeId } = await linked();
    await calm.stop();
    superoffice.now = () => Date.now() - 60_000;
    superoffice.userChanges(superofficeId, { title: 'The older' });
    exchange.userChanges(exchangeId, { title: 'The newer' });
    await setup.engine();
    await until(() => superoffice.get(superofficeId).content.title === 'The newer', 'the newer title');
    expect(exchange.get(exchangeId).content.title).toBe('The newer');
    const conflict = { group: 'title', rule: 'newer', winner: 'exchange', lost: 'The older' };
    await until(async () => {
      const records = await setup.world.history(key);
      return records.some(
        ({ write, conflicts }) => write?.result === 'written' && conflicts?.[0]?.lost === 'The older',
      );
    }, 'the history');
    const records = (await setup.world.history(key)).filter(({ conflicts }) => conflicts !== undefined);
    expect(records.map(({ conflicts }) => conflicts)).toEqual(records.map(() => [conflict]));
    // The losing value was in the history before it was overwritten, under the same id.
    expect(records[0]?.write?.result).toBe('begun');
    expect(new Set(records.map(({ id }) => id)).size).toBe(1);
  });

  it('are both kept when one slips in between our reading and our writing', async () => {
    await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId } = await linked();
    let slipped = false;
    superoffice.fault = (operation) => {
      if (operation === 'write' && !slipped) {
        slipped = true;
        superoffice.userChanges(superofficeId, { location: 'Slipped in' });
      }
      return undefined;
    };
    exchange.userChanges(exchangeId, { title: 'Carried over' });
    await until(() => exchange.get(exchangeId).content.location === 'Slipped in', 'the edit that slipped in');
    await until(
      () => superoffice.get(superofficeId).content.title === 'Carried over',
      'the edit that was carried over',
    );
    expect(superoffice.get(superofficeId).content.location).toBe('Slipped in');
    await setup.inStep(1);
  });

  it('are carried on where the second of two writes is refused: the first one is not taken for a newer edit', async () => {
    const calm = await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId } = await linked();
    await setup.quiet(calm);
    await calm.stop();
    superoffice.now = () => Date.now() - 60_000;
    exchange.userChanges(exchangeId, { location: 'From Exchange' });
    superoffice.userChanges(superofficeId, { title: 'Renamed' });
    let isEdited = false;
    superoffice.fault = (operation) => {
      if (operation === 'write' && !isEdited) {
        isEdited = true;
        superoffice.userChanges(superofficeId, { title: 'Renamed again' });
      }
      return undefined;
    };
    await setup.engine();
    await until(() => superoffice.get(superofficeId).content.location === 'From Exchange', 'the place in SuperOffice');
    await until(() => exchange.get(exchangeId).content.title === 'Renamed again', 'the last title in Exchange');
    await setup.inStep(1);
  });

  it('leave nothing more to write once they are carried over', async () => {
    setup.world.reports = 3;
    const engine = await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId, key } = await linked();
    exchange.userChanges(exchangeId, { title: 'One', text: { format: 'html', content: '<p>Some <b>text</b></p>' } });
    superoffice.userChanges(superofficeId, { location: 'Two' });
    await until(() => exchange.get(exchangeId).content.location === 'Two', 'the place in Exchange');
    await setup.inStep(1);
    await Promise.all(setup.world.published);
    const written = exchange.writes.length + superoffice.writes.length;
    await setup.world.reportAll(key, 'verification');
    await setup.world.report(key, {
      ...{ side: 'exchange', kind: 'appointment', id: exchangeId, vanished: false, version: undefined },
    });
    await until(async () => (await setup.firstLoadDone(engine)) && (await setup.quiet(engine)), 'the compare to end');
    expect(exchange.writes.length + superoffice.writes.length).toBe(written);
    expect(exchange.get(exchangeId).content.text).toMatchObject({ format: 'html' });
  });
});

describe('what an own write takes away', () => {
  const written = async (action: string) =>
    (await setup.world.history(setup.mailbox.key)).filter(({ write }) => write?.action === action);

  it('stands in the history before the write, although nobody else changed it', async () => {
    await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId } = await linked();
    const agenda = { format: 'html' as const, content: '<p>The <b>long</b> agenda</p>' };
    exchange.userChanges(exchangeId, { text: agenda });
    await until(async () => (await written('update')).length > 0, 'the first text');
    superoffice.userChanges(superofficeId, { text: { format: 'plain', content: 'Gone' } });
    await until(() => JSON.stringify(exchange.get(exchangeId).content.text).includes('Gone'), 'the text in Exchange');
    const records = (await written('update')).filter(({ write }) => write?.side === 'exchange');
    expect(records[0]?.write?.result).toBe('begun');
    for (const { overwritten } of records) expect(overwritten).toEqual([{ group: 'text', value: { text: agenda } }]);
  });

  it('stands there whole when an item is deleted', async () => {
    await setup.engine();
    const { exchange, superoffice, exchangeId, superofficeId } = await linked();
    const { title, location } = superoffice.get(superofficeId).content;
    exchange.userDeletes(exchangeId);
    await until(() => superoffice.items.size === 0, 'the delete to be carried over');
    const [begun] = await written('delete');
    expect(begun?.write).toMatchObject({ side: 'superoffice', result: 'begun' });
    expect(begun?.overwritten).toEqual(
      expect.arrayContaining([
        { group: 'title', value: { title } },
        { group: 'place', value: { location } },
      ]),
    );
  });
});
