// The rules of a zone as EWS writes them: periods with a bias, and on which weekday of which month one follows another.

import { isLastOfMonth, yearlyTurns, type ZoneChange } from '../time/zone-changes.ts';
import { ianaOf, standardOffsetMs } from '../time/zones.ts';
import { element, textElement } from '../xml/writer.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The content of a `t:TimeZoneDefinition`. A zone that changes other than twice a year is given with its standard time. */
export function writeZoneRules(windowsId: string, nowMs: number): string {
  const iana = ianaOf(windowsId) ?? 'UTC';
  const standardMs = standardOffsetMs(iana, nowMs);
  const turns = yearlyTurns(iana, nowMs);
  if (turns === undefined) return fixed(standardMs);
  const { summer, winter } = turns;
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

function transition(to: string, change: ZoneChange): string {
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
