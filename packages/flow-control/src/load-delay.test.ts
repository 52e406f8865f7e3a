// The delay at the response times of slow servers, and how it goes away.
import { describe, expect, test } from 'vitest';
import { LoadDelay } from './load-delay.ts';

const options = { windowMs: 60_000, thresholdMs: 5_000, share: 0.1, maxMs: 10_000 };

function switchedOn(): LoadDelay {
  const delay = new LoadDelay(options);
  delay.switchTo(true, 0);
  return delay;
}

/** Answers that all take `responseMs`, one a second for a minute from `fromMs` on. */
function aMinuteOf(delay: LoadDelay, responseMs: number, fromMs: number): number {
  for (let second = 0; second < 60; second++) delay.sample(responseMs, fromMs + second * 1_000);
  return fromMs + 60_000;
}

describe('the delay under high server load', () => {
  test.each([
    [4_000, 0],
    [5_000, 0],
    [6_000, 100],
    [10_000, 500],
    [30_000, 2_500],
    [200_000, 10_000],
  ])('is, at an average of %d ms, %d ms', (averageMs, delayMs) => {
    const delay = switchedOn();
    const nowMs = aMinuteOf(delay, averageMs, 0) - 1;
    expect(delay.averageMs(nowMs)).toBe(averageMs);
    expect(delay.delayMs(nowMs)).toBeCloseTo(delayMs, 6);
  });

  test('is gone a minute after the last slow answer, whether others come or none', () => {
    for (const fast of [true, false]) {
      const delay = switchedOn();
      const endMs = aMinuteOf(delay, 30_000, 0);
      expect(delay.delayMs(endMs - 1)).toBeGreaterThan(0);
      if (fast) aMinuteOf(delay, 100, endMs);
      expect(delay.delayMs(endMs + 60_000)).toBe(0);
    }
  });

  test('is none while it is switched off', () => {
    const delay = switchedOn();
    delay.sample(15_000, 0);
    delay.called(0);
    expect([delay.delayMs(500), delay.mayCall(500), delay.mayCall(1_000)]).toEqual([1_000, false, true]);
    delay.switchTo(false, 500);
    expect([delay.delayMs(500), delay.mayCall(500)]).toEqual([0, true]);
  });

  test('falls as the average does', () => {
    const delay = switchedOn();
    const endMs = aMinuteOf(delay, 10_000, 0);
    const seen = [delay.delayMs(endMs - 1)];
    for (let second = 0; second < 60; second++) {
      delay.sample(100, endMs + second * 1_000);
      seen.push(delay.delayMs(endMs + second * 1_000));
    }
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(seen.at(-1)).toBe(0);
  });

  test('is that of all calls, weighed by their number', () => {
    const delay = switchedOn();
    for (const responseMs of [2_000, 2_000, 20_000, 8_000]) delay.sample(responseMs, 500);
    expect(delay.averageMs(900)).toBe(8_000);
  });
});
