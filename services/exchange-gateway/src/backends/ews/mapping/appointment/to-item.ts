// What an appointment says, written onto an item of the library. What Exchange could not hold as it is meant is left alone: a
// truncated text, an unknown busy state or privacy.
import type { AppointmentChanges, AppointmentTime, ItemContent, ZoneName } from '@lockstep/contracts';
import { addDays, startOfDay, windowsZoneOf } from '@lockstep/items';
import { Appointment as CalendarItem, DateTime, type Item, TimeSpan, TimeZoneInfo } from 'ews-javascript-api';
import { bodyFor, isWritable } from '../values.ts';
import { privacyWords, valueFor } from '../words.ts';
import { busyWords } from './words.ts';

/** Whether anything is left to write when what Exchange cannot hold is left alone. */
export function writesAnything(content: ItemContent): boolean {
  const { title, time, location, text, busy, privacy } = content as AppointmentChanges;
  return (
    [title, time, location].some((value) => value !== undefined) ||
    (text !== undefined && isWritable(text)) ||
    valueFor(busyWords, busy) !== undefined ||
    valueFor(privacyWords, privacy) !== undefined
  );
}

/** A new item whose own zone is unknown is planned in its owner's; one that is there keeps the zone that it has. */
export function writeOnto(item: Item, content: ItemContent, ownerZone: ZoneName, isNew: boolean): void {
  if (!(item instanceof CalendarItem)) throw new TypeError('not a calendar item of the library');
  const { title, time, location, text, busy, privacy } = content as AppointmentChanges;
  if (title !== undefined) item.Subject = title;
  const sensitivity = valueFor(privacyWords, privacy);
  if (sensitivity !== undefined) item.Sensitivity = sensitivity;
  if (text !== undefined && isWritable(text)) item.Body = bodyFor(text);
  const zone = isNew ? firstWritable(time?.zone, ownerZone) : time?.zone;
  if (time !== undefined) writeTime(item, time, zone, ownerZone);
  const freeBusy = valueFor(busyWords, busy);
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
