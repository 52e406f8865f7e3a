// A calendar item as Exchange holds it, read into what an appointment says. Pure.
import type { AppointmentContent, ItemContent, ZoneName } from '@lockstep/contracts';
import { childOf, textOf, type XmlElement } from '../../soap/xml-reader.ts';
import { itemTextOf } from '../values.ts';
import { oursFor, privacyWords } from '../words.ts';
import { timeOf } from './time-from-item.ts';
import { busyWords } from './words.ts';

/** Undefined when Exchange left out start or end. An item without a busy state is busy, as Outlook shows it. */
export function contentOf(item: XmlElement, ownerZone: ZoneName): ItemContent | undefined {
  const time = timeOf(item, ownerZone);
  if (time === undefined) return undefined;
  const content: AppointmentContent = {
    title: textOf(item, 'Subject') ?? '',
    time,
    location: textOf(item, 'Location') ?? '',
    text: itemTextOf(childOf(item, 'Body')),
    busy: oursFor(busyWords, textOf(item, 'LegacyFreeBusyStatus') ?? 'Busy'),
    privacy: oursFor(privacyWords, textOf(item, 'Sensitivity') ?? 'Normal'),
  };
  return content;
}

/** A meeting is one with other people, whoever organizes it; a series of meetings is a series first. */
export function shapeOf(item: XmlElement): string {
  if (item.name !== 'CalendarItem') return 'other';
  switch (textOf(item, 'CalendarItemType') ?? 'Single') {
    case 'Single':
      return textOf(item, 'IsMeeting') === 'true' ? 'meeting' : 'single';
    case 'RecurringMaster':
      return 'series';
    case 'Occurrence':
    case 'Exception':
      return 'occurrence';
    default:
      return 'other';
  }
}
