// The canonical appointment written onto an item of the library. What Exchange could not hold as it is meant is left alone: a
// truncated text, an unknown busy state or privacy.

import type { AppointmentChanges, AppointmentTime, ItemText, Stamp, ZoneName } from '@lockstep/contracts';
import { addDays, startOfDay, windowsZoneOf } from '@lockstep/items';
import {
  BodyType,
  Appointment as CalendarItem,
  DateTime,
  type ExchangeService,
  MessageBody,
  TimeSpan,
  TimeZoneInfo,
} from 'ews-javascript-api';
import { freeBusyStatusFor, sensitivityFor } from './enumerations.ts';
import { stampProperty, stampText } from './stamp-property.ts';

export interface ItemWrite {
  readonly changes: AppointmentChanges;
  readonly stamp?: Stamp | undefined;
  /** The zone of the mailbox's owner, for days, and for new items whose own zone is unknown. */
  readonly ownerZone: ZoneName;
}

/** A new item with this content. */
export function newItem(service: ExchangeService, write: ItemWrite): CalendarItem {
  const item = new CalendarItem(service);
  writeOnto(item, write, firstWritable(write.changes.time?.zone, write.ownerZone));
  return item;
}

/** A known item with only these changes; nothing is read from Exchange for it. */
export function changedItem(service: ExchangeService, id: string, version: string, write: ItemWrite): CalendarItem {
  const item = new CalendarItem(service);
  // The library's own way to fill an item from an answer; the last argument is for summaries.
  const loadable = item as unknown as {
    LoadFromXmlJsObject(js: unknown, service: ExchangeService, clear: boolean, set: null, summary: boolean): void;
  };
  loadable.LoadFromXmlJsObject({ ItemId: { Id: id, ChangeKey: version } }, service, true, null, false);
  writeOnto(item, write, write.changes.time?.zone);
  return item;
}

/** Whether anything is left to write when what Exchange cannot hold is left alone. */
export function writesAnything({ changes, stamp }: ItemWrite): boolean {
  const { title, time, location, text, busy, privacy } = changes;
  return (
    [title, time, location, stamp].some((value) => value !== undefined) ||
    (text !== undefined && isWritable(text)) ||
    (busy !== undefined && freeBusyStatusFor(busy) !== undefined) ||
    (privacy !== undefined && sensitivityFor(privacy) !== undefined)
  );
}

function writeOnto(item: CalendarItem, { changes, stamp, ownerZone }: ItemWrite, zone: ZoneName | undefined): void {
  const { title, time, location, text, busy, privacy } = changes;
  if (title !== undefined) item.Subject = title;
  const sensitivity = privacy === undefined ? undefined : sensitivityFor(privacy);
  if (sensitivity !== undefined) item.Sensitivity = sensitivity;
  if (text !== undefined && isWritable(text)) item.Body = bodyFor(text);
  if (stamp !== undefined) item.SetExtendedProperty(stampProperty(), stampText(stamp));
  if (time !== undefined) writeTime(item, time, zone, ownerZone);
  const freeBusy = busy === undefined ? undefined : freeBusyStatusFor(busy);
  if (freeBusy !== undefined) item.LegacyFreeBusyStatus = freeBusy;
  if (location !== undefined) item.Location = location;
}

// In this order, since the changes of an update are carried out one after the other: the zone decides to which midnights Exchange
// snaps an all-day item.
function writeTime(item: CalendarItem, time: AppointmentTime, zone: ZoneName | undefined, ownerZone: ZoneName): void {
  if (time.kind === 'timed') {
    const windowsZone = zone === undefined ? undefined : windowsZoneOf(zone);
    if (windowsZone !== undefined) writeZone(item, windowsZone);
    item.IsAllDayEvent = false;
    item.Start = new DateTime(time.start);
    item.End = new DateTime(time.end);
    return;
  }
  const dayZone = firstWritable(zone, ownerZone) ?? 'UTC';
  writeZone(item, windowsZoneOf(dayZone) ?? 'UTC');
  item.IsAllDayEvent = true;
  item.Start = new DateTime(startOfDay(time.firstDate, dayZone));
  item.End = new DateTime(startOfDay(addDays(time.lastDate, 1), dayZone));
}

function firstWritable(...zones: readonly (ZoneName | undefined)[]): ZoneName | undefined {
  return zones.find((zone) => zone !== undefined && windowsZoneOf(zone) !== undefined);
}

// Only the id is sent. The library's own list of zones lacks nine of CLDR's ids and would throw.
function writeZone(item: CalendarItem, windowsZone: string): void {
  const zone = TimeZoneInfo.CreateCustomTimeZone(windowsZone, TimeSpan.Zero, windowsZone, windowsZone);
  item.StartTimeZone = zone;
  item.EndTimeZone = zone;
}

function bodyFor(text: ItemText): MessageBody {
  return new MessageBody(text.format === 'html' ? BodyType.HTML : BodyType.Text, text.content);
}

function isWritable(text: ItemText): boolean {
  return text.truncated !== true;
}
