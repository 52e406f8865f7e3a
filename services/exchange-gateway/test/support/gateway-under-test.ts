// One gateway with everything real around it but Exchange and the governor: nats-server, bus, kit, and the Exchange simulator over
// HTTP.
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import {
  type Data,
  type MailboxKey,
  mailboxKeyFrom,
  type Operation,
  type Outcome,
  operatorUser,
  type SealedSecret,
  type TechnicalSettings,
  type UserLink,
  userNames,
} from '@lockstep/contracts';
import type { Running } from '@lockstep/service-kit/kit';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import type { TSchema } from 'typebox';
import { type GatewayOverrides, start } from '../../src/service.ts';
import type { Between } from './between.ts';
import { type ExchangeUnderTest, type PurposeOf, password, startExchange } from './exchange-under-test.ts';
import { TestGovernor } from './test-governor.ts';

export interface GatewayUnderTest {
  readonly kit: TestKit;
  /** May do everything on NATS: asks the gateway, and takes what it publishes. */
  readonly operator: Bus;
  readonly governor: TestGovernor;
  readonly nats: NatsServerUnderTest;
  readonly exchange: ExchangeUnderTest['exchange'];
  /** Between the gateway and the simulator. */
  readonly between: Between;
  readonly mailboxes: { readonly alice: MailboxKey; readonly bob: MailboxKey };
  /** Seals a secret, the password unless another purpose is said, for settings that differ from the standard ones by `changes`. */
  seal(secret: string, changes?: Partial<TechnicalSettings>, purposeOf?: PurposeOf): Promise<SealedSecret>;
  /** Asks the gateway over the bus. */
  ask<Q extends TSchema, R extends TSchema>(
    operation: Operation<Q, R>,
    body: Data<Q>,
    deadlineMs?: number,
  ): Promise<Outcome<Data<R>>>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The kit of a further replica; whoever takes it closes it. */
  secondKit(): Promise<TestKit>;
  stopService(): Promise<void>;
  stop(): Promise<void>;
}

export interface UnderTestOptions {
  readonly technical?: Partial<TechnicalSettings>;
  readonly overrides?: GatewayOverrides;
  /** Whether the simulator has a TLS port, too. */
  readonly tls?: boolean;
  readonly linked?: readonly ('alice' | 'bob')[];
}

export const aliceKey = mailboxKeyFrom(new Uint8Array(10).fill(1));
export const bobKey = mailboxKeyFrom(new Uint8Array(10).fill(2));

export function linkOf(name: 'alice' | 'bob'): UserLink {
  return {
    mailbox: name === 'alice' ? aliceKey : bobKey,
    address: `${name}@lockstep.test`,
    associateId: name === 'alice' ? 1 : 2,
    zone: 'Europe/Oslo',
    enabled: true,
    linkedAt: '2026-01-01T00:00:00.000Z',
  };
}

export async function startGateway(options: UnderTestOptions = {}): Promise<GatewayUnderTest> {
  // With every service's own user and rights, so that a missing right shows.
  const nats = await startNatsServer({ users: Object.fromEntries(userNames.map((user) => [user, `of-${user}`])) });
  const connection = { natsUrl: nats.url, natsPasswords: nats.passwords };
  const server = await startExchange(options.technical, options.tls);
  const { exchange, between, control, keyFile, technical, seal } = server;
  const governorKit = await createTestKit('throttle-governor', connection);
  const operator = await connect({
    url: nats.url,
    name: 'test',
    user: operatorUser,
    password: nats.passwords?.[operatorUser] ?? '',
  });
  const governor = new TestGovernor(governorKit.bus);
  await governor.start();
  const environment = { LOCKSTEP_EXCHANGE_KEY_FILE: keyFile };
  const kit = await createTestKit('exchange-gateway', {
    ...connection,
    settings: {
      technical: { ...technical, password: await seal(password) },
      userLinks: (options.linked ?? ['alice', 'bob']).map(linkOf),
    },
    environment,
  });
  let running: Running | undefined = await start(kit, options.overrides);
  const stopService = async () => {
    await running?.stop();
    running = undefined;
  };
  return {
    kit,
    operator,
    governor,
    nats,
    exchange,
    between,
    mailboxes: { alice: aliceKey, bob: bobKey },
    seal,
    ask: (operation, body, deadlineMs = 10_000) =>
      operator.request(operation, body, { correlationId: 'test', deadlineMs }),
    control,
    secondKit: () => createTestKit('exchange-gateway', { ...connection, environment }),
    stopService,
    stop: async () => {
      await stopService();
      await governor.stop();
      await kit.close();
      await governorKit.close();
      await operator.drain(0);
      await server.close();
      await nats.stop();
    },
  };
}
