// One stream over real HTTP, from a server that says why it fails and then keeps the connection open.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MailboxKey, success, type TokenId } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import type { SubscriptionId } from '../../../backend.ts';
import { ConnectionPool } from '../../../http/connection-pool.ts';
import { CookieJar } from '../../../http/cookies.ts';
import { makeRoute } from '../../../http/route.ts';
import { Transport } from '../../../http/transport.ts';
import { GatewayMetrics } from '../../../metrics.ts';
import type { Permit, TokenClient, TokenWish, Used } from '../../../tokens/token-client.ts';
import { Endpoint } from '../calls/endpoint.ts';
import { type Access, AccessReader } from '../credentials/access.ts';
import { AuthenticationGate } from '../credentials/authentication-gate.ts';
import { holdStream } from './hold-stream.ts';

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
const monotonic = () => clock.monotonic();

class KnownAccess extends AccessReader {
  readonly #access: Access;
  constructor(url: URL) {
    super({
      technical: () => {
        throw new Error('not asked');
      },
      keyFile: undefined,
      tokensOf: () => {
        throw new Error('not asked');
      },
    });
    this.#access = {
      url,
      authorization: 'Basic eA==',
      kind: 'impersonation',
      via: { route: makeRoute({ authorities: '' }) },
      fingerprint: 'a',
    };
  }
  override async current() {
    return success(this.#access);
  }
}

/** Grants at once and keeps what each stream came to. */
class FreeTokens implements Pick<TokenClient, 'withToken'> {
  readonly used: Used<unknown>[] = [];
  async withToken<T>(wish: TokenWish, use: (permit: Permit) => Promise<Used<T>>) {
    const permit = { token: 't1' as TokenId, signal: wish.signal, hindrance: () => undefined, mayStart: () => true };
    const used = await use(permit);
    this.used.push(used);
    return success(used.value);
  }
}

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a stream that Exchange answers with an error ends at once, so that its pause is obeyed at once', async () => {
  const said = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><m:GetStreamingEventsResponse xmlns:m="m"><m:ResponseMessages><m:GetStreamingEventsResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:MessageXml><t:Value xmlns:t="t" Name="BackOffMilliseconds">90000</t:Value></m:MessageXml></m:GetStreamingEventsResponseMessage></m:ResponseMessages></m:GetStreamingEventsResponse></Body></Envelope>`;
  server = createServer((_, response) => response.write(said));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new ConnectionPool({ maxIdle: 1, idleMs: 50_000, freshMs: 4_000, connectTimeoutMs: 5_000, monotonic });
  const tokens = new FreeTokens();
  const end = await holdStream(
    {
      endpoint: new Endpoint({
        access: new KnownAccess(new URL(`http://127.0.0.1:${port}/EWS/Exchange.asmx`)),
        gate: new AuthenticationGate({ refusalsToStop: 2, probeEveryMs: 300_000, monotonic }),
        monotonic,
        unavailable: { baseMs: 1_000, maxMs: 60_000, probeMs: 5_000 },
      }),
      tokens,
      transport: new Transport({ pool, userAgent: 'Lockstep/test', maxAnswerBytes: 100_000, monotonic }),
      metrics: new GatewayMetrics(new Registry(), { backOffs: () => 0, authenticationStopped: () => false }),
      clock,
      idleMs: 100_000,
      connectionMinutes: 30,
      maxEnvelopeChars: 100_000,
      tokenDeadlineMs: 60_000,
    },
    {
      affinity: { anchor: 'anna@lockstep.test', cookies: new CookieJar(4) },
      payer: 'aaaaaaaaaaaaaaaa' as MailboxKey,
      subscriptionIds: ['s1' as SubscriptionId],
      correlationId: 'test',
      signal: new AbortController().signal,
      onEvents: () => undefined,
    },
  );
  expect(end).toMatchObject({ clean: false, error: { code: 'exchange-busy', backOffMs: 90_000 }, lost: [] });
  expect(tokens.used).toMatchObject([{ outcome: 'busy', pause: { scope: 'payer', pauseMs: 90_000 } }]);
});
