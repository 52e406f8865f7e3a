import { expect, test } from 'vitest';
import { datesFor } from './dates.ts';
import { TimeZones } from './time-zone.ts';

const zones = new TimeZones('Europe/Oslo', 100);

test('every hour of a year makes the round trip, except the one that exists twice', () => {
  const start = Date.UTC(2026, 0, 1);
  const doubled = Date.UTC(2026, 9, 25, 1);
  for (let hour = 0; hour < 365 * 24; hour++) {
    const instant = start + hour * 3_600_000;
    const back = zones.base.toInstantMs(zones.base.toWall(instant));
    expect(back).toBe(instant === doubled ? instant - 3_600_000 : instant);
  }
});

test('a wall time that does not exist is read with the offset before the change', () => {
  expect(new Date(zones.base.toInstantMs('2026-03-29T02:30:00')).toISOString()).toBe('2026-03-29T01:30:00.000Z');
});

test('days are not shifted, nulls of wall times show the offset', () => {
  const norway = datesFor('NO, includeTZOffset', zones, true);
  expect(norway.day('2026-07-01')).toBe('2026-07-01T00:00:00+02:00');
  expect(norway.wall('')).toBe('0001-01-01T01:00:00+01:00');
  expect(norway.instant(0)).toBe('0001-01-01T00:00:00Z');
  expect(norway.parseDay('2026-07-01T00:00:00-07:00', 'x')).toBe('2026-07-01');
  expect(norway.parseWall('0001-01-01T01:00:00+01:00', 'x')).toBe('');
  expect(() => norway.parseWall('2026-02-30T00:00:00', 'x')).toThrow();
});

test('years 2 to 9999 work, what lies outside is refused', () => {
  expect(zones.base.toWall(zones.base.toInstantMs('0002-06-01T12:00:00'))).toBe('0002-06-01T12:00:00');
  const dates = datesFor('UTC, includeTZOffset', zones, true);
  expect(dates.parseWall('9999-12-31T22:00:00Z', 'x')).toBe('9999-12-31T23:00:00');
  expect(() => dates.parseWall('9999-12-31T23:59:59Z', 'x')).toThrow('out of range');
  expect(() => dates.parseWall('2026-11-12T00:00:00+99:99', 'x')).toThrow();
});
