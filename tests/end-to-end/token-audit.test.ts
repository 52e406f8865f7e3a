// The audit that every other end-to-end test relies on must be able to fail.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type RunningSystem, root, startSystem } from './support/running-system.ts';
import { peakOf } from './support/token-audit.ts';

describe('the token audit', () => {
  let running: RunningSystem;
  beforeAll(async () => {
    const skipping = path.relative(root, path.join(import.meta.dirname, 'support', 'skipping-gateway.ts'));
    running = await startSystem({ mainFiles: { 'exchange-gateway': skipping } });
  });
  afterAll(() => running?.stop());

  it('catches a gateway that sends one request without a token', async () => {
    await eventually(60_000, async () => {
      const report = await running.audit.report();
      expect(report.withoutGrant).toHaveLength(1);
      expect(report.requests).toBeGreaterThan(1);
    });
  });

  it('counts how many requests overlap', () => {
    const entry = (startedMs: number, endedMs?: number) =>
      endedMs === undefined ? { startedMs } : { startedMs, endedMs };
    expect(peakOf([entry(0, 10), entry(10, 20), entry(20, 30)])).toBe(1);
    expect(peakOf([entry(0, 11), entry(10, 20), entry(5)])).toBe(3);
    expect(peakOf([])).toBe(0);
  });
});
