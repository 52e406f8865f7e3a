// The rules of a zone as EWS writes them: periods with a bias, and on which weekday of which month one follows another.

import { wallClockOf } from '../time/zone-arithmetic.ts';
import { ianaOf, standardOffsetMs } from '../time/zones.ts';
import { element, textElement } from '../xml/writer.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

interface Change {
  readonly atMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetAfterMs: number;
}

/** The content of a `t:TimeZoneDefinition`. A zone that changes other than twice a year is given with its standard time. */
export function writeZoneRules(windowsId: string, nowMs: number): string {
  const iana = ianaOf(windowsId) ?? 'UTC';
  const standardMs = standardOffsetMs(iana, nowMs);
  const changes = changesOf(iana, new Date(nowMs).getUTCFullYear());
  const summer = changes.find((each) => each.offsetAfterMs > standardMs);
  const winter = changes.find((each) => each.offsetAfterMs === standardMs);
  if (changes.length !== 2 || summer === undefined || winter === undefined) return fixed(standardMs);
  const periods = period('std', 'Standard', standardMs) + period('dlt', 'Daylight', summer.offsetAfterMs);
  const group = transition('std', winter) + transition('dlt', summer);
  return [
    element('t:Periods', {}, periods),
    element('t:TransitionsGroups', {}, element('t:TransitionsGroup', { Id: '0' }, group)),
    element('t:Transitions', {}, element('t:Transition', {}, '<t:To Kind="Group">0</t:To>')),
  ].join('');
}

function fixed(offsetMs: number): string {
  return [
    element('t:Periods', {}, period('std', 'Standard', offsetMs)),
    element(
      't:TransitionsGroups',
      {},
      element('t:TransitionsGroup', { Id: '0' }, '<t:Transition><t:To Kind="Period">std</t:To></t:Transition>'),
    ),
    element('t:Transitions', {}, element('t:Transition', {}, '<t:To Kind="Group">0</t:To>')),
  ].join('');
}

/** The bias is what has to be added to local time to get UTC. */
function period(id: string, name: string, offsetMs: number): string {
  return element('t:Period', { Bias: duration(-offsetMs), Name: name, Id: id }, '');
}

function duration(ms: number): string {
  const minutes = Math.abs(Math.round(ms / 60_000));
  return `${ms < 0 ? '-' : ''}PT${Math.floor(minutes / 60)}H${minutes % 60}M`;
}

function transition(to: string, change: Change): string {
  const wall = new Date(change.atMs + change.offsetBeforeMs);
  const place = Math.ceil(wall.getUTCDate() / 7);
  const content = [
    `<t:To Kind="Period">${to}</t:To>`,
    textElement('t:TimeOffset', `PT${wall.getUTCHours()}H${wall.getUTCMinutes()}M`),
    textElement('t:Month', wall.getUTCMonth() + 1),
    textElement('t:DayOfWeek', weekdays[wall.getUTCDay()]),
    textElement('t:Occurrence', isLastOfMonth(wall) ? -1 : place),
  ];
  return element('t:RecurringDayTransition', {}, content.join(''));
}

function isLastOfMonth(wall: Date): boolean {
  return new Date(wall.getTime() + 7 * dayMs).getUTCMonth() !== wall.getUTCMonth();
}

function changesOf(iana: string, year: number): readonly Change[] {
  const offsetAt = (at: number): number => wallClockOf(at, iana) - at;
  const changes: Change[] = [];
  for (let month = 0; month < 12; month += 1) {
    const [from, to] = [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
    if (offsetAt(from) === offsetAt(to)) continue;
    const atMs = changeBetween(from, to, offsetAt);
    changes.push({ atMs, offsetBeforeMs: offsetAt(from), offsetAfterMs: offsetAt(to) });
  }
  return changes;
}

/** The first quarter of an hour with another offset, by halving. */
function changeBetween(from: number, to: number, offsetAt: (at: number) => number): number {
  const before = offsetAt(from);
  let [low, high] = [from / quarterMs, to / quarterMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * quarterMs) === before) low = middle;
    else high = middle;
  }
  return high * quarterMs;
}
