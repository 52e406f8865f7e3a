import { addDays, startOfDay, wallClock } from '@lockstep/items';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readXml } from '../../soap/xml-reader.ts';
import { timeOf } from './time-from-item.ts';

const owner = 'Europe/Oslo';

const allDay = (start: string, end: string, zone: string) =>
  readXml(
    `<t:CalendarItem><t:Start>${start}</t:Start><t:End>${end}</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent>${zone}</t:CalendarItem>`,
  );
const named = (id: string) => `<t:StartTimeZone Id="${id}" Name="${id}"/>`;
/** A zone of a client's own making, as Exchange writes it. */
const defined = (id: string, ...biases: readonly string[]) =>
  `<t:StartTimeZone Id="${id}"><t:Periods>${biases.map((bias, at) => `<t:Period Bias="${bias}" Name="P${at}" Id="trule:${at}"/>`).join('')}</t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0"/></t:TransitionsGroups><t:Transitions/></t:StartTimeZone>`;

const unknownNames = ['Customized Time Zone', 'tzone://Microsoft/Custom', '(UTC+01:00) Nowhere', 'Nowhere/Land', 'XYZ'];
const second = { kind: 'all-day', firstDate: '2026-03-02', lastDate: '2026-03-02' };

describe('a whole day of a zone that is told by no Windows id', () => {
  test.each(['tzone://Microsoft/Utc', 'tzone://microsoft/utc', 'Etc/UTC'])('%s is UTC', (id) => {
    const time = timeOf(allDay('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z', named(id)), owner);
    expect(time).toMatchObject(second);
    expect(time?.zone).toMatch(/UTC$/);
  });

  test.each(unknownNames)('%s: one day stays one, whatever its clocks say', (id) => {
    for (const zone of [named(id), defined(id, 'PT0S'), defined(id, '-PT1H', '-PT2H', 'PT0S')]) {
      expect(timeOf(allDay('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z', zone), owner)).toEqual({
        ...second,
        zone: owner,
      });
    }
    const india = allDay('2026-03-01T18:30:00Z', '2026-03-02T18:30:00Z', named(id));
    expect(timeOf(india, owner)).toEqual({ ...second, zone: owner });
  });

  test('its own periods say which day a midnight belongs to, before the owner’s zone does', () => {
    const [start, end] = ['2026-03-02T10:00:00Z', '2026-03-03T10:00:00Z'] as const;
    const honolulu = 'Pacific/Honolulu';
    expect(timeOf(allDay(start, end, defined('Customized Time Zone', 'PT10H')), honolulu)).toMatchObject(second);
    const kiritimati = allDay(start, end, defined('Customized Time Zone', '-PT14H'));
    expect(timeOf(kiritimati, honolulu)).toMatchObject({ firstDate: '2026-03-03', lastDate: '2026-03-03' });
  });

  test('a known zone in which the times are no midnights does not stretch the day', () => {
    const time = timeOf(
      allDay('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z', named('W. Europe Standard Time')),
      owner,
    );
    expect(time).toMatchObject(second);
  });

  test('days in any zone of the world are the days of that zone, across changes of the clocks too', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'Pacific/Apia');
    const aheadAt = (instant: string, zone: string) => Date.parse(`${wallClock(instant, zone)}Z`) - Date.parse(instant);
    const bias = (ms: number) => `${ms > 0 ? '-' : ''}PT${Math.abs(ms) / 60_000}M`;
    const anyDay = fc.integer({ min: 9_500, max: 20_500 }).map((day) => addDays('1995-01-01', day - 9_131));
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyDay, fc.integer({ min: 1, max: 9 }), (zone, firstDate, days) => {
        const start = startOfDay(firstDate, zone);
        const end = startOfDay(addDays(firstDate, days), zone);
        // A change of the clocks at midnight itself leaves a day that begins at another hour.
        fc.pre([start, end].every((instant) => wallClock(instant, zone).endsWith('T00:00:00')));
        const biases = [bias(aheadAt(start, zone)), bias(aheadAt(end, zone))];
        const expected = { firstDate, lastDate: addDays(firstDate, days - 1) };
        expect(
          timeOf(allDay(start, end, defined('Customized Time Zone', ...biases)), 'America/New_York'),
        ).toMatchObject(expected);
        // Without its periods the same, for an owner who lives less than half a day away.
        const near = Math.abs(aheadAt(start, zone) - aheadAt(start, owner)) < 11 * 3_600_000;
        const far = Math.abs(aheadAt(start, zone) - aheadAt(end, zone)) > 3_600_000;
        if (near && !far)
          expect(timeOf(allDay(start, end, named('Customized Time Zone')), owner)).toMatchObject(expected);
      }),
      { numRuns: 300 },
    );
  });
});
