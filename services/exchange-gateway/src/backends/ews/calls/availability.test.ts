import { describe, expect, test } from 'vitest';
import { Availability } from './availability.ts';

function under() {
  const clock = { nowMs: 0 };
  const availability = new Availability({ baseMs: 1_000, maxMs: 8_000, probeMs: 5_000 }, () => clock.nowMs);
  return { clock, availability };
}

describe('an endpoint that takes no requests', () => {
  test('is left alone for a delay that doubles up to its bound; calls that fail together count once', () => {
    const { clock, availability } = under();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      availability.failed();
      availability.failed();
      delays.push(availability.delayMs);
      expect(availability.enter()).toEqual({ kind: 'closed', delayMs: availability.delayMs });
      clock.nowMs += availability.delayMs;
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test('is then tried by one call, and by the next when that one ended without an answer', async () => {
    const { clock, availability } = under();
    availability.failed();
    clock.nowMs = 1_000;
    const probe = availability.enter();
    const waiting = availability.enter();
    if (probe.kind !== 'probe' || waiting.kind !== 'waits') throw new Error('not one probe');
    probe.leave();
    await waiting.ended;
    expect(availability.enter().kind).toBe('probe');
    expect(availability.enter().kind).toBe('waits');
  });

  test('is tried by the next one, too, when the call that tries takes long', () => {
    const { clock, availability } = under();
    availability.failed();
    clock.nowMs = 1_000;
    expect(availability.enter().kind).toBe('probe');
    clock.nowMs = 3_000;
    expect(availability.enter()).toMatchObject({ kind: 'waits', atMostMs: 3_000 });
    clock.nowMs = 6_000;
    expect([availability.enter().kind, availability.enter().kind]).toEqual(['probe', 'waits']);
  });

  test('is tried by one call after a pause that somebody else was told, said as often as may be', () => {
    const { clock, availability } = under();
    for (const pauseMs of [5_000, 4_000, 3_000]) {
      availability.told(pauseMs);
      expect(availability.enter()).toEqual({ kind: 'closed', delayMs: pauseMs });
      clock.nowMs += 1_000;
    }
    clock.nowMs = 5_000;
    expect([availability.enter().kind, availability.enter().kind]).toEqual(['probe', 'waits']);
    availability.failed();
    expect(availability.delayMs).toBe(2_000);
  });

  test('is open to all as soon as anything is answered, though the call that tries goes on', async () => {
    const { clock, availability } = under();
    availability.failed();
    clock.nowMs = 1_000;
    const probe = availability.enter();
    const waiting = availability.enter();
    availability.recovered();
    if (probe.kind !== 'probe' || waiting.kind !== 'waits') throw new Error('not one probe');
    await waiting.ended;
    expect([availability.enter().kind, availability.enter().kind]).toEqual(['open', 'open']);
    // The end of that call says nothing about a later failure.
    availability.failed();
    clock.nowMs += 1_000;
    expect(availability.enter().kind).toBe('probe');
    probe.leave();
    expect(availability.enter().kind).toBe('waits');
  });
});
