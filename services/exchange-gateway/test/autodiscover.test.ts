// Autodiscover against the simulator over TLS with its own authority, and with hosts that must not get the password.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange, exchangePurpose, hostAndPort } from '@lockstep/contracts';
import { startProxy } from '@lockstep/service-kit/testing/proxy';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
let base: string;
beforeAll(async () => {
  gateway = await startGateway({ tls: true, technical: { incrementalChangeDetectionOnly: true } });
  base = gateway.exchange.tlsUrl ?? '';
  const authority = await (await fetch(`${gateway.exchange.url}/control/authority.pem`)).text();
  await gateway.kit.changeSettings({ technical: { trustedAuthorities: authority } });
});
afterAll(() => gateway?.stop());
beforeEach(() => gateway.control('POST', '/control/autodiscover', {}));

const address = 'alice@lockstep.test';
const host = () => hostAndPort(base) ?? '';
const sealedFor = (hosts: readonly string[], secret = 'lockstep') =>
  gateway.seal(secret, {}, (settings) => ({ ...exchangePurpose(settings), hosts: [...hosts] }));

async function look(file: string, hosts = [host()], secret?: string) {
  const url = `${base}/autodiscover/autodiscover.${file}`;
  const password = await sealedFor(hosts, secret);
  const got = await gateway.ask(exchange.autodiscover, { address, url, hosts: [host()], password });
  if (!got.ok) throw new Error(JSON.stringify(got.error));
  return got.value;
}

test.each(['xml', 'svc'])('the form %s tells the addresses of EWS and of the address book', async (file) => {
  const found = await look(file);
  expect(found).toMatchObject({
    ok: true,
    ewsUrl: `${base}/EWS/Exchange.asmx`,
    steps: [{ status: 200, result: 'found' }],
  });
  expect(found.oabUrl).toMatch(new RegExp(`^${base}/OAB/`));
});

test('the form JSON tells the address of EWS without a sign-in', async () => {
  const url = `json?Email=${encodeURIComponent(address)}&Protocol=EWS`;
  expect(await look(url, ['elsewhere.test:443'])).toMatchObject({ ok: true, ewsUrl: `${base}/EWS/Exchange.asmx` });
});

test('a password that was not sealed for the host does not go there', async () => {
  const found = await look('xml', ['elsewhere.test:443']);
  expect(found).toMatchObject({ ok: false, wantsConsent: [host()], steps: [{ result: 'consent-needed' }] });
});

test('a redirect to a foreign host is told and not followed', async () => {
  const target = 'https://other.test/autodiscover/autodiscover.xml';
  await gateway.control('POST', '/control/autodiscover', { directions: { [address]: { kind: 'http302', target } } });
  expect(await look('xml')).toMatchObject({ ok: false, wantsConsent: ['other.test:443'] });
});

test('a wrong password is sent once', async () => {
  expect(await look('xml', [host()], 'wrong')).toMatchObject({
    ok: false,
    steps: [{ status: 401, result: 'unauthorized' }],
  });
});

test('by address alone, the http place of the domain leads to the server, when its host has consent', async () => {
  // Nobody listens where the https places of the domain lead; the http place sends on.
  const sendsOn = createServer((request, response) => {
    heard.push(`${request.method} ${request.headers.authorization ?? 'without sign-in'}`);
    response.writeHead(302, { location: `${base}/autodiscover/autodiscover.xml` }).end();
  });
  const heard: string[] = [];
  await new Promise<void>((resolve) => sendsOn.listen(0, '127.0.0.1', resolve));
  const proxy = await startProxy();
  try {
    for (const name of ['lockstep.test', 'autodiscover.lockstep.test'])
      proxy.standIns.set(`${name}:443`, '127.0.0.1:1');
    proxy.standIns.set('autodiscover.lockstep.test:80', `127.0.0.1:${(sendsOn.address() as AddressInfo).port}`);
    await gateway.kit.changeSettings({ technical: { proxyUrl: proxy.url } });
    const places = ['lockstep.test:443', 'autodiscover.lockstep.test:443'];
    const without = { address, hosts: [], password: await sealedFor(places) };
    expect(await gateway.ask(exchange.autodiscover, without)).toMatchObject({
      value: { ok: false, wantsConsent: [host()] },
    });
    expect(proxy.asked.map(({ target }) => target)).not.toContain(host());
    const consented = { address, hosts: [host()], password: await sealedFor([...places, host()]) };
    expect(await gateway.ask(exchange.autodiscover, consented)).toMatchObject({
      value: { ok: true, ewsUrl: `${base}/EWS/Exchange.asmx`, oabUrl: expect.stringContaining('/OAB/') },
    });
    expect(new Set(heard)).toEqual(new Set(['GET without sign-in']));
  } finally {
    await gateway.kit.changeSettings({ technical: { proxyUrl: '' } });
    await proxy.close();
    sendsOn.closeAllConnections();
    sendsOn.close();
  }
});

test('an untrusted certificate is named, and nothing is sent', async () => {
  await gateway.kit.changeSettings({ technical: { trustedAuthorities: '' } });
  const { steps } = await look('xml');
  expect(steps).toMatchObject([{ result: 'unreachable', detail: expect.stringContaining('exchange-certificate') }]);
  expect(steps[0]?.advice).toContain('trusted certificate authorities');
});

test('what is no address with a domain is refused by its field', async () => {
  expect(await gateway.ask(exchange.autodiscover, { address: 'a@com', hosts: [] })).toMatchObject({
    ok: false,
    error: { code: 'request-invalid', field: 'address' },
  });
});
