// Who owns a partition, how it changes hands, and that a former owner can do no harm.

import { startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { userNames } from '@lockstep/contracts';
import { createTestKit } from '@lockstep/service-kit/testing/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { standardConfig } from '../src/config.ts';
import { startEngine } from '../src/service.ts';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create(8);
});
afterEach(() => setup.close());

describe('partitions', () => {
  it('are all owned by one engine, shared evenly by two, and handed over at once by one that stops', async () => {
    const first = await setup.engine();
    await until(async () => (await setup.owned(first)) === 64, 'all partitions');
    const second = await setup.engine();
    await until(async () => (await setup.owned(first)) === 32 && (await setup.owned(second)) === 32, 'equal shares');
    for (const mailbox of setup.world.mailboxes) {
      for (let item = 0; item < 5; item++) mailbox.exchange.userCreates(meeting(`Item ${item}`));
    }
    await first.stop();
    await until(async () => (await setup.owned(second)) === 64, 'all partitions again');
    for (const mailbox of setup.world.mailboxes) await setup.inStep(5, mailbox);
  });

  it('of an engine that died are taken over when its leases have expired, and nothing is made twice', async () => {
    const first = await setup.engine();
    for (const mailbox of setup.world.mailboxes) mailbox.superoffice.userCreates(meeting('Before'));
    await first.abandon();
    const second = await setup.engine();
    for (const mailbox of setup.world.mailboxes) mailbox.superoffice.userCreates(meeting('After'));
    await until(async () => (await setup.owned(second)) === 64, 'all partitions', 30_000);
    for (const mailbox of setup.world.mailboxes) await setup.inStep(2, mailbox);
  });
});

describe('a former owner', () => {
  it('that still believes in its lease can begin nothing once another has taken over', async () => {
    const { mailbox } = setup;
    const first = await setup.engine({
      // Its leases are gone, but it is not told: it keeps fetching and handling.
      wrap: (bus) => ({
        ...bus,
        tryLease: async (options) => {
          const lease = await bus.tryLease(options);
          return lease === undefined
            ? undefined
            : {
                ...lease,
                key: lease.key,
                epoch: lease.epoch,
                signal: new AbortController().signal,
                release: () => lease.release(),
              };
        },
      }),
    });
    mailbox.exchange.userCreates(meeting('Known to both'));
    await setup.inStep(1);
    await setup.expireLeases();
    const second = await setup.engine();
    await until(async () => (await setup.owned(second)) > 0, 'the new owner');
    for (let item = 0; item < 20; item++) mailbox.exchange.userCreates(meeting(`Item ${item}`));
    await setup.inStep(21);
    await until(() => setup.quiet(second), 'quiet');
    expect(mailbox.superoffice.writes.filter(({ operation }) => operation === 'create')).toHaveLength(21);
    await first.abandon();
  });

  it('stops when the stored state is of a newer version', async () => {
    const { mailbox } = setup;
    await setup.world.bus.bucket('mailboxes').create(mailbox.key, { v: 2, epoch: 1, something: 'new' });
    const engine = await setup.engine();
    mailbox.exchange.userCreates(meeting('Not touched'));
    await until(() => engine.kit.gaveUp.length === 1, 'the engine to stop');
    expect(engine.running.ready()).toBe(false);
    expect(mailbox.superoffice.items.size).toBe(0);
    const stored = await setup.world.bus.bucket('mailboxes').getBytes(mailbox.key);
    expect(JSON.parse(Buffer.from(stored?.value ?? new Uint8Array()).toString())).toEqual({
      v: 2,
      epoch: 1,
      something: 'new',
    });
  });
});

describe('the permissions of the engine on NATS', () => {
  it('suffice for everything that it does', async () => {
    const server = await startNatsServer({ users: Object.fromEntries(userNames.map((name) => [name, `pw-${name}`])) });
    const kit = await createTestKit('sync-engine', {
      natsUrl: server.url,
      natsPasswords: server.passwords,
      settings: { userLinks: setup.world.users },
    });
    const engine = startEngine({ kit, config: standardConfig, random: () => 0.5 });
    await until(() => engine.ready(), 'the engine to be ready');
    await until(async () => (await setup.ownedBy(kit)) === 64, 'all partitions');
    await engine.stop();
    expect(kit.busEvents.filter(({ kind }) => kind === 'not-permitted')).toEqual([]);
    await kit.close();
    await server.stop();
  });
});
