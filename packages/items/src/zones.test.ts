import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dateIn, ianaZoneOf, startOfDay, wallClock, windowsZoneOf, zoneExists } from './zones.ts';

describe('zone names', () => {
  it('maps IANA zones to Windows ids, old and new names alike', () => {
    expect(windowsZoneOf('Europe/Oslo')).toBe('W. Europe Standard Time');
    expect(windowsZoneOf('Asia/Kathmandu')).toBe('Nepal Standard Time');
    expect(windowsZoneOf('Asia/Calcutta')).toBe(windowsZoneOf('Asia/Kolkata'));
    expect(windowsZoneOf('UTC')).toBe('UTC');
    expect(windowsZoneOf('Nowhere/Land')).toBeUndefined();
  });

  it('maps Windows ids to IANA zones that Intl knows and that map back to the same id', () => {
    for (const id of ['W. Europe Standard Time', 'Romance Standard Time', 'Pacific Standard Time', 'UTC']) {
      const zone = ianaZoneOf(id) ?? 'missing';
      expect(zoneExists(zone)).toBe(true);
      expect(windowsZoneOf(zone)).toBe(id);
    }
    expect(ianaZoneOf('Customized Time Zone')).toBeUndefined();
  });
});

describe('calendar days', () => {
  it('begin at local midnight, in winter and in summer', () => {
    expect(startOfDay('2026-01-15', 'Europe/Oslo')).toBe('2026-01-14T23:00:00.000Z');
    expect(startOfDay('2026-07-15', 'Europe/Oslo')).toBe('2026-07-14T22:00:00.000Z');
    expect(startOfDay('2026-07-15', 'America/New_York')).toBe('2026-07-15T04:00:00.000Z');
  });

  it('begin at the clock change where that skips midnight', () => {
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z');
  });

  it('contain their own start, and not the instant before', () => {
    const zones = fc.constantFrom(
      'Europe/Oslo',
      'America/New_York',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Africa/Cairo',
      'UTC',
    );
    const days = fc.integer({ min: 0, max: 20_000 }).map((day) => addDays('2000-01-01', day));
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const start = startOfDay(day, zone);
        // Samoa skipped the whole of 2011-12-30: that day has no start.
        if (zone === 'Pacific/Apia' && day === '2011-12-30') return;
        expect(dateIn(start, zone)).toBe(day);
        expect(dateIn(new Date(Date.parse(start) - 1).toISOString(), zone)).not.toBe(day);
      }),
      { numRuns: 300 },
    );
  });

  it('show the wall clock of a zone', () => {
    expect(wallClock('2026-03-29T01:30:00.000Z', 'Europe/Oslo')).toBe('2026-03-29T03:30:00');
  });
});
