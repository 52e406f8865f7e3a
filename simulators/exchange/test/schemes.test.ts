// The schemes of authentication besides Basic, and what switches EWS off.
import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EwsAnswer } from './ews-client.ts';
import { authenticate, logOn, type RawAnswer } from './ntlm-client.ts';
import { getFolder } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
});
afterAll(() => server.finish());

/** Sends a GetFolder over the connection of the agent. */
function send(agent: Agent, authorization: string | undefined): Promise<RawAnswer> {
  const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body>${getFolder()}</s:Body></s:Envelope>`;
  const headers = {
    'Content-Type': 'text/xml',
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${server.simulator.url}/EWS/Exchange.asmx`,
      { agent, method: 'POST', headers },
      (answer) => {
        answer.resume();
        answer.on('end', () => {
          const offered = answer.headersDistinct['www-authenticate'] ?? [];
          resolve({ status: answer.statusCode ?? 0, offers: offered });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('NTLM', () => {
  beforeEach(() => server.control('POST', 'access', { schemes: ['NTLM'] }));

  it('takes three messages on one connection, which is the user’s from then on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await send(agent, undefined);
    expect([first.status, first.offers]).toEqual([401, ['Negotiate', 'NTLM']]);
    expect((await logOn((authorization) => send(agent, authorization), 'alice', 'lockstep')).status).toBe(200);
    expect((await send(agent, undefined)).status).toBe(200);
    agent.destroy();
    const other = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await send(other, undefined)).status).toBe(401);
    other.destroy();
  });

  it('refuses a wrong password and a third message without a second', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await logOn((authorization) => send(agent, authorization), 'alice', 'wrong')).status).toBe(401);
    const stray = authenticate(Buffer.alloc(64), 'alice', 'lockstep');
    expect((await send(agent, stray)).status).toBe(401);
    agent.destroy();
  });

  it('leaves Basic switched off', async () => {
    expect((await server.client().call(getFolder())).status).toBe(401);
  });
});

describe('Bearer', () => {
  const appId = 'b0a2a2a4-0000-4000-8000-000000000001';
  beforeEach(async () => {
    await server.control('POST', 'access', { schemes: ['Bearer'] });
    await server.control('POST', 'seed', { applications: [{ appId, secret: 'hush', account: 'sync@lockstep.test' }] });
  });

  async function token(secret = 'hush'): Promise<{ status: number; access_token?: string }> {
    const form = {
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: secret,
      scope: 'https://outlook.office365.com/.default',
    };
    const response = await fetch(`${server.simulator.url}/tenant/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return { status: response.status, ...((await response.json()) as { access_token?: string }) };
  }

  const call = (bearer: string | undefined, impersonate?: string): Promise<EwsAnswer> =>
    server
      .client({ headers: { Authorization: `Bearer ${bearer}` }, ...(impersonate === undefined ? {} : { impersonate }) })
      .call(getFolder());

  it('takes the token of an application, for whom it names', async () => {
    const { access_token: bearer } = await token();
    expect((await call(bearer, 'alice@lockstep.test')).codes).toEqual(['NoError']);
    const nameless = await call(bearer);
    expect(nameless.codes).toEqual(['ErrorInvalidUserPrincipalName']);
    expect((await token('wrong')).status).toBe(401);
  });

  it('says in x-ms-diagnostics what is wrong with a token', async () => {
    const { access_token: bearer } = await token();
    const unknown = await call('nonsense', 'alice@lockstep.test');
    expect([unknown.status, unknown.headers.get('x-ms-diagnostics')]).toEqual([
      401,
      expect.stringContaining('2000001;'),
    ]);
    await server.control('POST', 'clock', { advanceMs: 3_600_001 });
    const expired = await call(bearer, 'alice@lockstep.test');
    expect([expired.status, expired.headers.get('x-ms-diagnostics')]).toEqual([
      401,
      expect.stringContaining('2000002;'),
    ]);
  });

  it('gets 403 when its application is not on the list', async () => {
    const { access_token: bearer } = await token();
    await server.control('POST', 'access', { allowedAppIds: ['b0a2a2a4-0000-4000-8000-00000000000f'] });
    expect((await call(bearer, 'alice@lockstep.test')).status).toBe(403);
  });
});

describe('EWS that is switched off', () => {
  it('answers 403, for all, for an account, or for a mailbox that is impersonated', async () => {
    await server.control('POST', 'access', { ewsDisabledFor: ['bob@lockstep.test'] });
    expect((await server.client({ user: 'bob@lockstep.test' }).call(getFolder())).status).toBe(403);
    const sync = { user: 'sync@lockstep.test' };
    expect((await server.client({ ...sync, impersonate: 'bob@lockstep.test' }).call(getFolder())).status).toBe(403);
    expect((await server.client({ ...sync, impersonate: 'alice@lockstep.test' }).call(getFolder())).status).toBe(200);
    await server.control('POST', 'access', { ewsEnabled: false });
    expect((await server.client().call(getFolder())).status).toBe(403);
  });
});
