// What Exchange fills in, snaps and refuses when an item is saved, by class.

import { withSeriesRules } from '../recurrence/series-rules.ts';
import { EwsError } from '../soap/ews-error.ts';
import { zoneOf } from '../store/item-zone.ts';
import type { ItemKind } from '../store/values.ts';
import { midnightAfter, midnightBefore } from '../time/zone-arithmetic.ts';
import type { SaveContext, Values } from './save-context.ts';
import { taskRules } from './task-rules.ts';

const halfHourMs = 30 * 60_000;
const longestMs = 5 * 366 * 86_400_000;

/** The values as they are stored. @throws EwsError when they do not go together */
export function withRules(kind: ItemKind, values: Values, save: SaveContext): Values {
  const common = { Sensitivity: 'Normal', Importance: 'Normal', ...values };
  if (kind === 'CalendarItem') return calendarRules(common, save);
  if (kind === 'Task') return taskRules(common, save);
  return kind === 'Contact' ? contactRules(common) : { IsRead: false, ...common };
}

function calendarRules(given: Values, save: SaveContext): Values {
  const start = typeof given['Start'] === 'number' ? given['Start'] : Math.ceil(save.nowMs / halfHourMs) * halfHourMs;
  const byName = save.touched.has('MeetingTimeZone') && !save.touched.has('StartTimeZone');
  const zone = (byName ? given['MeetingTimeZone'] : given['StartTimeZone']) ?? save.timeZone;
  const values: Values = {
    ReminderIsSet: true,
    ReminderMinutesBeforeStart: 15,
    IsAllDayEvent: false,
    LegacyFreeBusyStatus: 'Busy',
    End: start + halfHourMs,
    EndTimeZone: zone,
    ...given,
    ...(byName ? { EndTimeZone: zone } : {}),
    Start: start,
    StartTimeZone: zone,
  };
  if (values['IsAllDayEvent'] === true) snapToDays(values);
  if (Number(values['End']) < start) throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate');
  if (Number(values['End']) - start > longestMs) throw new EwsError('ErrorCalendarDurationIsTooLong');
  return withSeriesRules(values);
}

/** Start down, end up, in the zone of the appointment; a day at least. */
function snapToDays(values: Values): void {
  const zone = zoneOf(values);
  const start = midnightBefore(Number(values['Start']), zone);
  const end = midnightAfter(Number(values['End']), zone);
  values['Start'] = start;
  values['End'] = end > start ? end : midnightAfter(start + 1, zone);
}

function contactRules(given: Values): Values {
  const first = typeof given['GivenName'] === 'string' ? given['GivenName'] : '';
  const last = typeof given['Surname'] === 'string' ? given['Surname'] : '';
  const mapping = given['FileAsMapping'];
  const values: Values = { DisplayName: [first, last].filter((part) => part !== '').join(' '), ...given };
  if (values['Subject'] === undefined) values['Subject'] = values['DisplayName'] ?? '';
  if (mapping === 'LastCommaFirst') values['FileAs'] = [last, first].filter((part) => part !== '').join(', ');
  else if (mapping === 'FirstSpaceLast') values['FileAs'] = [first, last].filter((part) => part !== '').join(' ');
  else if (mapping === 'Company') values['FileAs'] = values['CompanyName'] ?? '';
  return values;
}
