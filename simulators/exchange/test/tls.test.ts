// The TLS port: the same server, behind certificates that clients have to check.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect, rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startExchangeSimulator } from '../src/index.ts';
import { first } from './ews-client.ts';
import { logOn, type SendRaw } from './ntlm-client.ts';
import { createAppointment, getFolder, hour, stream, subscribe } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ tlsPort: 0, tlsHostNames: ['mail.lockstep.test'] });
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
});
afterAll(() => server.finish());

let agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents) agent.destroy();
  agents = [];
});

function agent(options: ConstructorParameters<typeof Agent>[0] = {}): Agent {
  const made = new Agent({ keepAlive: true, maxSockets: 1, ca: server.simulator.authorityPem, ...options });
  agents.push(made);
  return made;
}

interface Got {
  readonly status: number;
  readonly text: string;
  readonly answer: IncomingMessage;
}

const basic = `Basic ${Buffer.from('alice@lockstep.test:lockstep').toString('base64')}`;

function open(path: string, options: RequestOptions, body = ''): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/xml', Authorization: basic, ...options.headers };
    const sent = httpsRequest(`${server.simulator.tlsUrl}${path}`, { ...options, headers }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

async function send(path: string, options: RequestOptions, body = ''): Promise<Got> {
  const answer = await open(path, options, body);
  const text = (await answer.toArray()).join('');
  return { status: answer.statusCode ?? 0, text, answer };
}

const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body>${body}</s:Body></s:Envelope>`;

const ews = (using: Agent, body: string): Promise<Got> =>
  send('/EWS/Exchange.asmx', { agent: using, method: 'POST' }, envelope(body));

/** What a client with these options finds wrong. */
const complaint = (options: ConstructorParameters<typeof Agent>[0] = {}): Promise<string> =>
  ews(agent(options), getFolder()).then(
    ({ status }) => `answered ${status}`,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

describe('the TLS port', () => {
  it('serves EWS to who trusts its authority, and to nobody else', async () => {
    expect((await ews(agent(), getFolder())).text).toContain('NoError');
    expect(await complaint({ ca: [...rootCertificates] })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('gives the certificate of its authority over the control API', async () => {
    const answer = await fetch(`${server.simulator.url}/control/authority.pem`);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'text/plain',
      server.simulator.authorityPem,
    ]);
  });

  it('is known by the names of this machine and by those of the options', async () => {
    for (const servername of ['localhost', 'mail.lockstep.test']) {
      expect(await complaint({ servername })).toBe('answered 200');
    }
    expect(await complaint({ servername: 'www.lockstep.test' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('has an authority of its own at every start', async () => {
    const other = await startExchangeSimulator({ tlsPort: 0 });
    expect(other.authorityPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await complaint({ ca: other.authorityPem })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await other.close();
  });

  it('is absent when it was not asked for', async () => {
    const plain = await startExchangeSimulator();
    expect([plain.tlsUrl, plain.authorityPem]).toEqual([undefined, undefined]);
    for (const path of ['authority.pem', 'tls']) {
      expect((await fetch(`${plain.url}/control/${path}`)).status).toBe(404);
    }
    await plain.close();
  });

  it('keeps the control API off', async () => {
    expect((await send('/control/mailboxes', { agent: agent() })).status).toBe(404);
  });

  it('serves the address book and tokens, and says that it runs', async () => {
    const using = agent();
    const { path } = (await server.control('GET', 'oab')) as { path: string };
    expect((await send(`${path}oab.xml`, { agent: using })).text).toContain('<OAB>');
    expect((await send('/tenant/oauth2/v2.0/token', { agent: using, method: 'POST' })).text).toContain('error');
    expect((await send('/healthz', { agent: using })).status).toBe(200);
  });
});

describe('Autodiscover', () => {
  const pox =
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>alice@lockstep.test</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>';

  it('tells addresses with https over TLS, and with http without it', async () => {
    const path = '/autodiscover/autodiscover.xml';
    const over = await send(path, { agent: agent(), method: 'POST' }, pox);
    expect(first(over.text, 'EwsUrl')).toBe(`${server.simulator.tlsUrl}/EWS/Exchange.asmx`);
    expect(first(over.text, 'OABUrl')).toMatch(/^https:/);
    const headers = { Authorization: basic, 'Content-Type': 'text/xml' };
    const plain = await fetch(`${server.simulator.url}${path}`, { method: 'POST', headers, body: pox });
    expect(first(await plain.text(), 'EwsUrl')).toBe(`${server.simulator.url}/EWS/Exchange.asmx`);
    const json = await send(`${path.replace('.xml', '.json')}?Email=alice@lockstep.test&Protocol=AutodiscoverV1`, {
      agent: agent(),
    });
    expect(JSON.parse(json.text)).toEqual({ Protocol: 'AutodiscoverV1', Url: `${server.simulator.tlsUrl}${path}` });
  });
});

describe('a certificate that a client must refuse', () => {
  const codes = {
    expired: 'CERT_HAS_EXPIRED',
    wrongHost: 'ERR_TLS_CERT_ALTNAME_INVALID',
    selfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  };

  it.each(Object.entries(codes))('is shown when it is set: %s', async (certificate, code) => {
    await server.control('POST', 'tls', { certificate });
    expect(await complaint()).toBe(code);
    await server.control('POST', 'tls', { certificate: 'valid' });
    expect(await complaint()).toBe('answered 200');
  });

  it('meets a client that was connected before as well, and no session of before is resumed', async () => {
    const using = agent();
    await ews(using, getFolder());
    await server.control('POST', 'tls', { certificate: 'expired' });
    await expect(ews(using, getFolder())).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  });

  it('is refused by the control API when there is none of the kind', async () => {
    await expect(server.control('POST', 'tls', { certificate: 'forged' })).rejects.toThrow('400');
  });

  it('goes with a reset', async () => {
    await server.control('POST', 'tls', { certificate: 'expired', maxVersion: 'TLSv1.2' });
    await server.control('POST', 'reset');
    expect(await server.control('GET', 'tls')).toEqual({
      certificate: 'valid',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
  });
});

describe('the version of TLS', () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  /** What is agreed on, or what the client is told. */
  async function agreed(options: object): Promise<string | null> {
    const port = Number(new URL(server.simulator.tlsUrl ?? '').port);
    const socket = connect({ port, host: '127.0.0.1', ca: server.simulator.authorityPem, ...options });
    try {
      await once(socket, 'secureConnect');
      return socket.getProtocol();
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? null;
    } finally {
      socket.destroy();
    }
  }

  it('is 1.2 or later unless it is set otherwise', async () => {
    expect(await agreed({})).toBe('TLSv1.3');
    expect(await agreed({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    expect(await agreed(old)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    await server.control('POST', 'tls', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    expect(await agreed({})).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    expect(await agreed(old)).toBe('TLSv1.1');
    await server.control('POST', 'tls', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
    expect(await agreed({ maxVersion: 'TLSv1.2' })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('has to be a range', async () => {
    await expect(server.control('POST', 'tls', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' })).rejects.toThrow(
      '400',
    );
    await expect(server.control('POST', 'tls', { minVersion: 'SSLv3' })).rejects.toThrow('400');
  });
});

/** Sends a request over the one connection of the agent. */
const ntlmOver =
  (using: Agent): SendRaw =>
  async (authorization) => {
    const headers = { Authorization: authorization ?? '' };
    const { status, answer } = await send(
      '/EWS/Exchange.asmx',
      { agent: using, method: 'POST', headers },
      envelope(getFolder()),
    );
    return { status, offers: answer.headersDistinct['www-authenticate'] ?? [] };
  };

describe('over TLS', () => {
  it('NTLM binds the connection to the user', async () => {
    await server.control('POST', 'access', { schemes: ['NTLM'] });
    const using = agent();
    const over = ntlmOver(using);
    expect((await over(undefined)).status).toBe(401);
    expect((await logOn(over, 'alice', 'lockstep')).status).toBe(200);
    expect((await over(undefined)).status).toBe(200);
    using.destroy();
    expect((await ews(agent(), getFolder())).status).toBe(401);
  });

  it('a stream tells events, and a restart cuts it', async () => {
    const subscribed = await ews(agent(), subscribe(['CreatedEvent']));
    const id = first(subscribed.text, 'SubscriptionId') ?? '';
    const answer = await open('/EWS/Exchange.asmx', { agent: agent(), method: 'POST' }, envelope(stream([id])));
    answer.setEncoding('utf8');
    const ended = once(answer, 'error');
    let heard = '';
    const created = new Promise<void>((resolve) => {
      answer.on('data', (part: string) => {
        heard += part;
        if (heard.includes('CreatedEvent')) resolve();
      });
    });
    expect((await ews(agent(), createAppointment(`<t:Subject>heard</t:Subject>${hour}`))).text).toContain('NoError');
    await created;
    await server.control('POST', 'restart');
    expect(await ended).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('a restart ends connections, and who was logged on through one has to do so again', async () => {
    await server.control('POST', 'access', { schemes: ['NTLM'] });
    const using = agent();
    const over = ntlmOver(using);
    expect((await logOn(over, 'alice', 'lockstep')).status).toBe(200);
    await server.control('POST', 'restart');
    await vi.waitUntil(() => Object.keys(using.freeSockets).length === 0, { timeout: 20_000, interval: 5 });
    expect((await over(undefined)).status).toBe(401);
  });

  it('a connection is reset when a script says so', async () => {
    await server.control('POST', 'faults', {
      match: { operation: 'GetFolder' },
      when: 'before',
      action: { kind: 'reset' },
    });
    await expect(ews(agent(), getFolder())).rejects.toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
    expect((await ews(agent(), getFolder())).status).toBe(200);
  });

  it('who closes the simulator ends every connection, also one that has not shaken hands', async () => {
    const own = await startExchangeSimulator({ tlsPort: 0 });
    const port = Number(new URL(own.tlsUrl ?? '').port);
    const silent = connectTcp(port, '127.0.0.1');
    const idle = connect({ port, host: '127.0.0.1', ca: own.authorityPem });
    await Promise.all([once(silent, 'connect'), once(idle, 'secureConnect')]);
    const gone = [silent, idle].map((socket) => {
      socket.on('error', () => {});
      return once(socket, 'close');
    });
    await own.close();
    await Promise.all(gone);
  });
});
