// The zone of GetUserAvailability, as Exchange 2007 wrote zones: a bias and two days on which the clocks are turned, all in minutes.
import { one, optional, sequence, text } from '../schema/schema.ts';
import { anyText, integer, oneOf } from '../schema/simple-types.ts';
import { EwsFault } from '../soap/ews-error.ts';
import type { YearlyRules, YearlyTurn } from '../time/yearly-rules.ts';
import { isLastOfMonth, yearlyTurns, type ZoneChange } from '../time/zone-changes.ts';
import { ianaOf, standardOffsetMs } from '../time/zones.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';

const minuteMs = 60_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const short = integer(-32_768, 32_767);

const turnType = sequence([
  one({ 't:Bias': text(integer()) }),
  one({ 't:Time': text(anyText) }),
  one({ 't:DayOrder': text(short) }),
  one({ 't:Month': text(short) }),
  one({ 't:DayOfWeek': text(oneOf(`${weekdays.join(' ')} Day Weekday WeekendDay`)) }),
  optional({ 't:Year': text(anyText) }),
]);

export const availabilityZoneType = sequence([
  one({ 't:Bias': text(integer()) }),
  one({ 't:StandardTime': turnType }),
  one({ 't:DaylightTime': turnType }),
]);

/** @throws EwsFault when the rules are none */
export function readAvailabilityZone(zone: XmlElement): YearlyRules {
  const biasMs = Number(textOf(zone, 'Bias')) * minuteMs;
  if (Math.abs(biasMs) > 24 * 60 * minuteMs) throw new EwsFault('ErrorTimeZone');
  return { biasMs, standard: readTurn(zone, 'StandardTime'), daylight: readTurn(zone, 'DaylightTime') };
}

function readTurn(zone: XmlElement, name: string): YearlyTurn {
  const turn = childOf(zone, name) ?? zone;
  const time = /^(\d\d):([0-5]\d):([0-5]\d)$/.exec(textOf(turn, 'Time')?.trim() ?? '');
  const read = {
    biasMs: Number(textOf(turn, 'Bias')) * minuteMs,
    month: Number(textOf(turn, 'Month')),
    weekday: weekdays.indexOf(textOf(turn, 'DayOfWeek') ?? ''),
    order: Number(textOf(turn, 'DayOrder')),
    fixedDay: Number(textOf(turn, 'Year') ?? 0) !== 0,
    timeMs: ((Number(time?.[1]) * 60 + Number(time?.[2])) * 60 + Number(time?.[3])) * 1000,
  };
  const never = read.month === 0;
  const dated = read.month >= 1 && read.month <= 12 && read.order >= 1 && read.order <= (read.fixedDay ? 31 : 5);
  const bounded = Math.abs(read.biasMs) <= 24 * 60 * minuteMs && read.timeMs < 24 * 60 * minuteMs;
  if (!bounded || (!never && (!dated || read.weekday === -1))) throw new EwsFault('ErrorTimeZone');
  return read;
}

/** `t:TimeZone` of a Windows id, by the rules of this year. */
export function writeAvailabilityZone(windowsId: string, nowMs: number): string {
  const iana = ianaOf(windowsId) ?? 'UTC';
  const standardMs = standardOffsetMs(iana, nowMs);
  const turns = yearlyTurns(iana, nowMs);
  const content = [
    textElement('t:Bias', -standardMs / minuteMs),
    element('t:StandardTime', {}, writeTurn(turns?.winter, standardMs)),
    element('t:DaylightTime', {}, writeTurn(turns?.summer, standardMs)),
  ];
  return element('t:TimeZone', {}, content.join(''));
}

/** Of a zone that never turns its clocks, all is zero. */
function writeTurn(change: ZoneChange | undefined, standardMs: number): string {
  const wall = new Date((change?.atMs ?? 0) + (change?.offsetBeforeMs ?? 0));
  const order = isLastOfMonth(wall) ? 5 : Math.ceil(wall.getUTCDate() / 7);
  return [
    textElement('t:Bias', change === undefined ? 0 : (standardMs - change.offsetAfterMs) / minuteMs),
    textElement('t:Time', wall.toISOString().slice(11, 19)),
    textElement('t:DayOrder', change === undefined ? 0 : order),
    textElement('t:Month', change === undefined ? 0 : wall.getUTCMonth() + 1),
    textElement('t:DayOfWeek', change === undefined ? 'Sunday' : weekdays[wall.getUTCDay()]),
  ].join('');
}
