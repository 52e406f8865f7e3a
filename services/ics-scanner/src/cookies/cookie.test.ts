import { describe, expect, test } from 'vitest';
import { advancedCookie, beginningOf, type CookieRecord, firstCookie } from './cookie.ts';

const start = Date.parse('2026-11-22T08:00:00.000Z');
const minute = (n: number) => new Date(start + n * 60_000).toISOString();

/** A folder that changed at each of these minutes, one after the other. */
function changedAt(minutes: readonly number[]): CookieRecord {
  return minutes.reduce(
    (record, n) => advancedCookie(record, `state-${n}`, minute(n), 'nats-1'),
    firstCookie('state-0', minute(0), 'nats-1'),
  );
}

describe('the cookie', () => {
  test('is where the next scan begins', () => {
    expect(beginningOf(changedAt([1, 2]), 'nats-1')).toBe('state-2');
  });

  test('after a restart of NATS the scan begins from one that was valid ten minutes before', () => {
    expect(beginningOf(changedAt([4, 12]), 'nats-2')).toBe('state-0');
  });

  test('after a restart of NATS a folder without an older one has none to begin from', () => {
    expect(beginningOf(changedAt([4, 6]), 'nats-2')).toBeUndefined();
  });

  test('in a folder that changes all the time the older one follows, at least 10 and at most 20 minutes behind', () => {
    for (let last = 25; last < 80; last++) {
      const { older } = changedAt(Array.from({ length: last }, (_, n) => n + 1));
      const behindMs = Date.parse(minute(last)) - Date.parse(older?.validAt ?? minute(last));
      expect(behindMs).toBeGreaterThanOrEqual(600_000);
      expect(behindMs).toBeLessThanOrEqual(1_320_000);
    }
  });

  test('after a restart of NATS the older one stays until ten minutes have passed again', () => {
    const asked = advancedCookie(changedAt([4, 12]), 'state-40', minute(40), 'nats-2');
    expect(beginningOf(asked, 'nats-3')).toBe('state-0');
    const next = advancedCookie(asked, 'state-41', minute(41), 'nats-2');
    expect(beginningOf(next, 'nats-3')).toBe('state-0');
    const later = advancedCookie(next, 'state-51', minute(51), 'nats-2');
    expect(beginningOf(later, 'nats-3')).toBe('state-40');
  });

  test('a folder that did not change needs no write, unless NATS was restarted', () => {
    const record = changedAt([4]);
    expect(advancedCookie(record, 'state-4', minute(30), 'nats-1')).toBe(record);
    expect(advancedCookie(record, 'state-4', minute(30), 'nats-2')).toMatchObject({ serverId: 'nats-2' });
  });

  test('sync states too long to keep three are kept alone', () => {
    const long = (letter: string) => letter.repeat(100_000);
    const twice = advancedCookie(firstCookie(long('a'), minute(0), 'n'), long('b'), minute(1), 'n');
    expect(twice.between?.syncState).toBe(long('a'));
    expect(advancedCookie(twice, long('c'), minute(20), 'n')).toEqual(firstCookie(long('c'), minute(20), 'n'));
  });
});
