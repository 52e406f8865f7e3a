// The ways to Exchange: TLS with an authority of one's own, and a proxy.
import { createServer, type Server } from 'node:net';
import { until } from '@lockstep/bus/testing/until';
import { proxyPurpose, type TechnicalSettings } from '@lockstep/contracts';
import { type ProxyUnderTest, startProxy } from '@lockstep/service-kit/testing/proxy';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askingOf } from './support/asking.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
let proxy: ProxyUnderTest;
let tlsWay: Partial<TechnicalSettings>;
beforeAll(async () => {
  gateway = await startGateway({ tls: true, technical: { incrementalChangeDetectionOnly: true } });
  proxy = await startProxy('through:the wall');
  const ewsUrl = `${gateway.exchange.tlsUrl}/EWS/Exchange.asmx`;
  tlsWay = { ewsUrl, trustedAuthorities: gateway.exchange.authorityPem ?? '' };
});
afterAll(async () => {
  await proxy?.close();
  await gateway?.stop();
});
const { ask, metric } = askingOf(() => gateway);

const standard = { trustedAuthorities: '', proxyUrl: '', proxyUserName: '', proxyPassword: undefined };
afterEach(async () => {
  proxy.refuse = 0;
  proxy.asked.length = 0;
  await gateway.control('POST', '/control/tls', { certificate: 'valid' });
});

/** Uses this way, with the secrets sealed for it. */
async function use(way: Partial<TechnicalSettings>, secrets: { readonly proxyPassword?: string } = {}): Promise<void> {
  const { proxyPassword } = secrets;
  await gateway.kit.changeSettings({
    technical: {
      ...standard,
      ...way,
      password: await gateway.seal('lockstep', way),
      ...(proxyPassword === undefined ? {} : { proxyPassword: await gateway.seal(proxyPassword, way, proxyPurpose) }),
    },
  });
}

describe('TLS', () => {
  test('is spoken with a server whose authority the settings name', async () => {
    await use(tlsWay);
    expect(await ask()).toMatchObject({ ok: true });
  });

  test.each([
    ['unknown authority', 'valid', { trustedAuthorities: '' }],
    ['unknown authority', 'selfSigned', {}],
    ['expired', 'expired', {}],
    ['wrong host', 'wrongHost', {}],
  ])(
    'says %s of a certificate that is %s, with settings %j, and sends nothing',
    async (reason, certificate, change) => {
      await gateway.control('POST', '/control/tls', { certificate });
      await use({ ...tlsWay, ...change });
      const refused = await ask();
      expect(refused).toMatchObject({ ok: false, error: { code: 'exchange-certificate', retry: 'later' } });
      expect(refused.ok ? '' : refused.error.detail).toMatch(new RegExp(`^${reason}`));
      // The others do not try the same again at once.
      for (const outcome of await Promise.all([ask(), ask(gateway.mailboxes.bob), ask()]))
        expect(outcome).toMatchObject({ ok: false, error: { code: 'governor-back-off' } });
      expect(await metric('calls_in_flight')).toBe(0);
    },
  );

  test('that is refused is tried again at once when the settings are right', async () => {
    await use({ ...tlsWay, trustedAuthorities: '' });
    expect(await ask()).toMatchObject({ error: { code: 'exchange-certificate' } });
    await use(tlsWay);
    expect(await ask()).toMatchObject({ ok: true });
  });

  test('of before 1.2 is refused, and what is no TLS at all', async () => {
    await gateway.control('POST', '/control/tls', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    await use(tlsWay);
    expect(await ask()).toMatchObject({ error: { code: 'exchange-tls' } });
    await gateway.control('POST', '/control/tls', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
    await use({ ...tlsWay, ewsUrl: gateway.between.url.replace('http:', 'https:') });
    expect(await ask()).toMatchObject({ error: { code: 'exchange-tls' } });
  });
});

describe('a proxy', () => {
  const through = () => ({ proxyUrl: proxy.url, proxyUserName: 'through' });

  test('is asked for a tunnel, with its own account, and Exchange is not shown that account', async () => {
    const way = { ...tlsWay, ...through() };
    await use(way, { proxyPassword: 'the wall' });
    expect(await ask()).toMatchObject({ ok: true });
    const { host } = new URL(way.ewsUrl ?? '');
    expect(proxy.asked).toEqual([{ target: host, account: 'through:the wall' }]);
    expect(await ask(gateway.mailboxes.bob)).toMatchObject({ ok: true });
    expect(proxy.asked, 'the tunnel is kept').toHaveLength(1);
  });

  test('tunnels plain http to this machine, too', async () => {
    await use({ ...through(), ewsUrl: `${gateway.exchange.url}/EWS/Exchange.asmx` }, { proxyPassword: 'the wall' });
    expect(await ask()).toMatchObject({ ok: true });
    expect(proxy.asked).toMatchObject([{ target: new URL(gateway.exchange.url).host }]);
  });

  test('does not make certificates good', async () => {
    await gateway.control('POST', '/control/tls', { certificate: 'wrongHost' });
    await use({ ...tlsWay, ...through() }, { proxyPassword: 'the wall' });
    expect(await ask()).toMatchObject({ error: { code: 'exchange-certificate' } });
  });

  test('that refuses our account, or everybody, is an error of its own and not tried again at once', async () => {
    await use({ ...tlsWay, ...through() }, { proxyPassword: 'wrong' });
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-proxy-refused', detail: 'HTTP 407' } });
    for (const outcome of await Promise.all([ask(), ask(), ask()]))
      expect(outcome).toMatchObject({ error: { code: 'governor-back-off' } });
    expect(proxy.asked).toHaveLength(1);
    proxy.refuse = 403;
    await use({ ...tlsWay, ...through() }, { proxyPassword: 'the wall' });
    expect(await ask()).toMatchObject({ error: { code: 'exchange-proxy-refused', detail: 'HTTP 403' } });
    proxy.refuse = 502;
    await use({ ...tlsWay, ...through() }, { proxyPassword: 'the  wall' });
    expect(await ask()).toMatchObject({ error: { code: 'exchange-unreachable', detail: 'proxy HTTP 502' } });
  });

  test('whose password was sealed for another proxy never gets it', async () => {
    const elsewhere = { ...tlsWay, ...through(), proxyUrl: 'http://proxy.example.test:3128' };
    const proxyPassword = await gateway.seal('the wall', elsewhere, proxyPurpose);
    await use(tlsWay);
    await gateway.kit.changeSettings({ technical: { ...through(), proxyPassword } });
    expect(await ask()).toMatchObject({ error: { code: 'credential-host-mismatch', field: 'proxyPassword' } });
    expect(proxy.asked).toEqual([]);
  });

  test('that is silent costs the time to connect, not the call', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await use({ ...tlsWay, ...through(), proxyUrl: `http://127.0.0.1:${port}` }, { proxyPassword: 'the wall' });
    expect(await ask(undefined, 3_000)).toMatchObject({ ok: false, error: { code: 'exchange-unreachable' } });
    silent.close();
  });

  test('loses the tunnel of an aborted call', async () => {
    await use({ ...tlsWay, ...through() }, { proxyPassword: 'the wall' });
    expect(await ask()).toMatchObject({ ok: true });
    await gateway.control('POST', '/control/faults', { match: {}, when: 'before', action: { kind: 'hang' } });
    expect(await ask(undefined, 1_500)).toMatchObject({ ok: false });
    await until(() => proxy.open.size === 0, 'the tunnel to be closed');
    await gateway.control('DELETE', '/control/faults');
  });
});
