// Creates whose answer is lost, late or never given. Each ends with one item on each side.

import { until } from '@lockstep/bus/testing/until';
import type { AppointmentContent, LinkId, Side } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const config = { writeLimitMs: 300, settleMarginMs: 100 };
const unknown = { exchange: 'exchange-unknown-outcome', superoffice: 'superoffice-unknown-outcome' } as const;
const directions: readonly (readonly [Side, Side])[] = [
  ['exchange', 'superoffice'],
  ['superoffice', 'exchange'],
];

describe.each(directions)('a create from %s in %s', (from, to) => {
  it('that happened but was not answered is found and adopted', async () => {
    const { mailbox } = setup;
    mailbox[to].fault = (operation, count) =>
      operation === 'create' && count === 1 ? { when: 'after', code: unknown[to] } : undefined;
    const engine = await setup.engine({ config });
    const id = mailbox[from].userCreates(meeting('Once'));
    await setup.inStep(1);
    await until(async () => (await setup.explain(engine)).openIntents === 0, 'the intent to be closed');
    mailbox[from].userChanges(id, { title: 'Still one pair' });
    await until(() => mailbox[to].all()[0]?.content.title === 'Still one pair', 'the change to arrive');
    expect(mailbox[to].writes.filter(({ operation }) => operation === 'create')).toHaveLength(1);
    expect(mailbox[from].items.size).toBe(1);
  });

  it('that did not happen and was not answered is made once more', async () => {
    const { mailbox } = setup;
    mailbox[to].fault = (operation, count) =>
      operation === 'create' && count === 1 ? { when: 'before', code: unknown[to] } : undefined;
    await setup.engine({ config });
    mailbox[from].userCreates(meeting('Once'));
    await setup.inStep(1);
    expect(mailbox[from].items.size).toBe(1);
  });

  it('that happens long after we gave it up leaves one item', async () => {
    const { mailbox } = setup;
    let letGo: () => void = () => undefined;
    const until1 = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    mailbox[to].fault = (operation, count) =>
      operation === 'create' && count === 1 ? { when: 'late', until: until1 } : undefined;
    const engine = await setup.engine({ config });
    mailbox[from].userCreates(meeting('Once'));
    await setup.inStep(1);
    letGo();
    await until(
      () => mailbox[to].writes.filter(({ operation }) => operation === 'create').length === 2,
      'the late twin',
    );
    await setup.inStep(1);
    expect(mailbox[to].writes.filter(({ operation }) => operation === 'remove')).toHaveLength(1);
    expect((await setup.explain(engine)).links).toBe(1);
  });

  it('that is refused for good parks the item, blocks no other, and is tried again when it changes', async () => {
    const { mailbox } = setup;
    const code = to === 'exchange' ? 'exchange-item-refused' : 'superoffice-refused';
    let refuses = true;
    mailbox[to].fault = (operation) => (operation === 'create' && refuses ? { when: 'before', code } : undefined);
    const engine = await setup.engine({ config });
    const id = mailbox[from].userCreates(meeting('Refused'));
    await until(
      async () => (await setup.explain(engine)).parked.some(({ reason }) => reason === code),
      'the parked item',
    );
    // Our stamp changed the source, and its echo may be what tries the parked item again.
    refuses = false;
    mailbox[from].userCreates(meeting('Another'));
    await until(() => mailbox[to].items.size >= 1, 'the other item');
    mailbox[from].userChanges(id, { title: 'Accepted' });
    await setup.inStep(2);
    await until(async () => (await setup.explain(engine)).parked.length === 0, 'the item to be parked no longer');
  });

  it('is tried until the side works again', async () => {
    const { mailbox } = setup;
    const code = to === 'exchange' ? 'exchange-busy' : 'superoffice-busy';
    mailbox[to].fault = (operation, count) =>
      operation === 'create' && count <= 3 ? { when: 'before', code } : undefined;
    await setup.engine({ config });
    mailbox[from].userCreates(meeting('Later'));
    await setup.inStep(1);
  });
});

describe('a create in SuperOffice that broke off before its foreign key', () => {
  it('is adopted as it is, and is not carried back to Exchange', async () => {
    const { exchange, superoffice } = setup.mailbox;
    superoffice.fault = (operation, count) => {
      if (operation !== 'create' || count > 1) return undefined;
      superoffice.makeUnstamped((exchange.all()[0]?.content ?? meeting('none')) as AppointmentContent);
      return { when: 'before', code: 'superoffice-unknown-outcome' };
    };
    const engine = await setup.engine({ config });
    exchange.userCreates(meeting('Half made'));
    await until(async () => (await setup.explain(engine)).links === 1, 'the link');
    await setup.inStep(1);
    expect(superoffice.all()[0]?.stamp).toEqual(exchange.all()[0]?.stamp);
    expect(exchange.items.size).toBe(1);
  });
});

describe('stamps', () => {
  it('give a copy a pair of its own', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = setup.mailbox;
    const id = exchange.userCreates(meeting('Original'));
    await setup.inStep(1);
    const copy = exchange.userCopies(id);
    await until(() => superoffice.items.size === 2, 'the counterpart of the copy');
    await until(async () => (await setup.explain(engine)).links === 2, 'the second link');
    expect(exchange.get(copy).stamp?.linkId).not.toBe(exchange.get(id).stamp?.linkId);
    exchange.userChanges(copy, { title: 'Copy' });
    await until(() => superoffice.all().some(({ content }) => content.title === 'Copy'), 'the change of the copy');
    expect(superoffice.all().filter(({ content }) => content.title === 'Original')).toHaveLength(1);
  });

  it('let a moved item keep its pair', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = setup.mailbox;
    const id = exchange.userCreates(meeting('Moved'));
    await setup.inStep(1);
    const moved = exchange.userMoves(id);
    exchange.userChanges(moved, { title: 'Moved and changed' });
    await until(() => superoffice.all()[0]?.content.title === 'Moved and changed', 'the change after the move');
    await until(async () => (await setup.quiet(engine)) && (await setup.explain(engine)).links === 1, 'one link');
    expect(
      superoffice.writes.filter(({ operation }) => operation !== 'write').map(({ operation }) => operation),
    ).toEqual(['create']);
    expect(exchange.items.size).toBe(1);
  });

  it('of another mailbox count for nothing', async () => {
    await setup.engine();
    const { exchange, superoffice } = setup.mailbox;
    exchange.userCreates(meeting('Invited'), { stamp: { linkId: 'elsewhere' as LinkId, mailbox: 'bbbbbbbbbbbbbbbb' } });
    await setup.inStep(1);
    expect(superoffice.all()[0]?.stamp?.linkId).not.toBe('elsewhere');
  });
});
