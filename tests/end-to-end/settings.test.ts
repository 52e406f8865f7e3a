// Settings that take effect while the system runs.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bothSides } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 30_000;

let running: RunningSystem;
beforeAll(async () => {
  running = await startSystem();
});
afterAll(() => running?.stop());
afterEach(async () => {
  expect(await running.audit.report()).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
});

async function metric(service: 'throttle-governor' | 'exchange-gateway', name: string): Promise<number> {
  const text = await (await fetch(`${running.system.serviceUrl(service)}/metrics`)).text();
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `) || candidate.startsWith(`${name}{`));
  if (!line) throw new Error(`${service} has no metric ${name}`);
  return Number(line.split(' ').at(-1));
}

describe('a changed setting', () => {
  it('limits the requests in flight, and the limit is kept under load', async () => {
    await running.api('PATCH', '/settings/technical', { concurrentRequestLimit: 2 });
    await eventually(5_000, async () => {
      expect(await metric('throttle-governor', 'lockstep_throttle_governor_limit_tokens')).toBe(2);
    });
    const limitedSinceMs = Date.now();
    const { alice } = running.people;
    for (let n = 0; n < 20; n += 1) {
      await alice.exchange.create({ subject: `Load ${n}`, start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
    }
    await eventually(withinMs, async () => {
      const { exchange, superoffice } = await bothSides(alice.exchange, alice.superoffice);
      expect(superoffice).toHaveLength(20);
      expect(superoffice).toEqual(exchange);
    });
    const report = await running.audit.report(limitedSinceMs);
    expect(report.requests).toBeGreaterThan(20);
    expect(report.peak).toBeLessThanOrEqual(2);
  });

  it('turns notifications off and on, and changes still travel', async () => {
    await running.api('PATCH', '/settings/technical', { incrementalChangeDetectionOnly: true });
    await eventually(5_000, async () => {
      expect(await metric('exchange-gateway', 'lockstep_exchange_gateway_subscriptions')).toBe(0);
    });
    const { bob } = running.people;
    await bob.exchange.create({
      subject: 'Found by the sweep',
      start: '2026-12-01T09:00:00Z',
      end: '2026-12-01T10:00:00Z',
    });
    await eventually(withinMs, async () => expect(await bob.superoffice.rows()).toHaveLength(1));
    await running.api('PATCH', '/settings/technical', { incrementalChangeDetectionOnly: false });
    await eventually(15_000, async () => {
      expect(await metric('exchange-gateway', 'lockstep_exchange_gateway_subscriptions')).toBe(4);
    });
  });
});
