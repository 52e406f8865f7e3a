// A calendar item as Exchange holds it, read into the canonical appointment. Pure.
import type { Appointment, AppointmentRow, AppointmentShape, ItemText, ZoneName } from '@lockstep/contracts';
import { gatewayConfig } from '../../../config.ts';
import { idOf } from '../soap/reply.ts';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';
import { busyOf, privacyOf } from './enumerations.ts';
import { stampOf } from './stamp-property.ts';
import { instantOf, timeOf } from './time-of-item.ts';

/** The whole item; undefined when Exchange left out what an appointment cannot be without (id, change key, start, end). */
export function appointmentOf(item: XmlElement, ownerZone: ZoneName): Appointment | undefined {
  const ids = idOf(childOf(item, 'ItemId'));
  const time = timeOf(item, ownerZone);
  if (ids === undefined || time === undefined) return undefined;
  return {
    ...ids,
    shape: shapeOf(item),
    content: {
      title: textOf(item, 'Subject') ?? '',
      time,
      location: textOf(item, 'Location') ?? '',
      text: bodyOf(childOf(item, 'Body')),
      busy: busyOf(textOf(item, 'LegacyFreeBusyStatus')),
      privacy: privacyOf(textOf(item, 'Sensitivity')),
    },
    ...present('stamp', stampOf(item)),
    ...present('uid', nonEmpty(textOf(item, 'UID'))),
    ...present('createdAt', instantOf(textOf(item, 'DateTimeCreated'))),
    ...present('modifiedAt', instantOf(textOf(item, 'LastModifiedTime'))),
  };
}

/** One row of a listing; undefined without an id. */
export function rowOf(item: XmlElement): AppointmentRow | undefined {
  const ids = idOf(childOf(item, 'ItemId'));
  if (ids === undefined) return undefined;
  return {
    ...ids,
    shape: shapeOf(item),
    ...present('start', instantOf(textOf(item, 'Start'))),
    ...present('stamp', stampOf(item)),
    ...present('uid', nonEmpty(textOf(item, 'UID'))),
  };
}

/** A meeting is one with other people, whoever organizes it; a series of meetings is a series first. */
function shapeOf(item: XmlElement): AppointmentShape {
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

function bodyOf(body: XmlElement | undefined): ItemText {
  const format = body?.attributes['BodyType'] === 'HTML' ? 'html' : 'plain';
  const whole = body?.text ?? '';
  const content = cutTo(whole, gatewayConfig.items.maxTextBytes);
  return content.length === whole.length ? { format, content } : { format, content, truncated: true };
}

/** The longest beginning whose JSON fits, cut between characters; the same text is always cut at the same place. */
function cutTo(text: string, maxBytes: number): string {
  if (jsonBytes(text) <= maxBytes) return text;
  let fits = 0;
  let tooLong = text.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (jsonBytes(text.slice(0, middle)) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  const lastUnit = text.charCodeAt(fits - 1);
  const splitsPair = lastUnit >= 0xd800 && lastUnit < 0xdc00;
  return text.slice(0, splitsPair ? fits - 1 : fits);
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text), 'utf8');
const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
