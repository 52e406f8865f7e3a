// What both sides can hold of an appointment, group by group. Hashes are taken over this common form only,
// so that what one side cannot hold (out of office, a zone, formatting) is never seen as a change and never overwritten.
import { createHash } from 'node:crypto';
import type {
  AppointmentChanges,
  AppointmentContent,
  AppointmentTime,
  FieldGroup,
  ZoneName,
} from '@lockstep/contracts';
import { fieldGroups } from '@lockstep/contracts';
import { plainText } from './plain-text.ts';

/** One short hash a field group over the common form: what both sides last agreed on. */
export type GroupHashes = { readonly [G in FieldGroup]: string };

/** Exchange takes a subject of 255 characters, SuperOffice a location of 254. */
export const limits = { titleChars: 255, locationChars: 254 } as const;

/** The hashes of an appointment's field groups over what both sides can hold. */
export function groupHashes(content: AppointmentContent): GroupHashes {
  const hashOf = (group: FieldGroup) => shortHash(commonForm(content, group));
  return Object.fromEntries(fieldGroups.map((group) => [group, hashOf(group)])) as Record<FieldGroup, string>;
}

/** One hash over everything that a side said, formatting and zone included: recognises our own writes. */
export function contentHash(content: AppointmentContent): string {
  const { title, time, location, text, busy, privacy } = content;
  return shortHash([title, Object.entries(time).sort(), location, text.format, text.content, busy, privacy]);
}

/** The common form of one group, as JSON data. */
export function commonForm(content: AppointmentContent, group: FieldGroup): unknown {
  switch (group) {
    case 'title':
      return commonTitle(content.title);
    case 'time':
      return commonTime(content.time);
    case 'text':
      return plainText(content.text);
    case 'place':
      return commonLocation(content.location);
    case 'busy':
      return commonBusy(content.busy);
    case 'privacy':
      return commonPrivacy(content.privacy);
  }
}

/** The fields to write so that SuperOffice says what `content` says in these groups. */
export function fieldsForSuperOffice(content: AppointmentContent, groups: readonly FieldGroup[]): AppointmentChanges {
  return fieldsFor(content, groups, (time) => time);
}

/** The fields to write so that Exchange says what `content` says in these groups; `zone` where the content has none. */
export function fieldsForExchange(
  content: AppointmentContent,
  groups: readonly FieldGroup[],
  zone: ZoneName,
): AppointmentChanges {
  return fieldsFor(content, groups, (time) => ({ ...time, zone: time.zone ?? zone }));
}

/** What a new counterpart on the other side is to say. */
export function counterpart(content: AppointmentContent, zone: ZoneName): AppointmentContent {
  return { ...content, ...fieldsForExchange(content, fieldGroups, zone) };
}

function fieldsFor(
  content: AppointmentContent,
  groups: readonly FieldGroup[],
  timeFor: (time: AppointmentTime) => AppointmentTime,
): AppointmentChanges {
  const fields: Record<FieldGroup, () => AppointmentChanges> = {
    title: () => ({ title: commonTitle(content.title) }),
    time: () => ({ time: timeFor(content.time) }),
    text: () => ({ text: { format: 'plain', content: plainText(content.text) } }),
    place: () => ({ location: commonLocation(content.location) }),
    busy: () => ({ busy: commonBusy(content.busy) }),
    privacy: () => ({ privacy: commonPrivacy(content.privacy) }),
  };
  return Object.assign({}, ...groups.map((group) => fields[group]()));
}

function commonTitle(title: string): string {
  return cut(oneLine(title), limits.titleChars);
}

function commonLocation(location: string): string {
  return cut(oneLine(location), limits.locationChars);
}

/** SuperOffice keeps whole seconds and no zone. */
function commonTime(time: AppointmentTime): unknown {
  if (time.kind === 'all-day') return ['all-day', time.firstDate, time.lastDate];
  return ['timed', time.start.slice(0, 19), time.end.slice(0, 19)];
}

/** SuperOffice knows only free and not free. */
function commonBusy(busy: string): 'free' | 'busy' {
  return busy === 'free' ? 'free' : 'busy';
}

/** `personal` is a label that hides nothing; whatever we do not know is treated as private. */
function commonPrivacy(privacy: string): 'normal' | 'private' {
  return privacy === 'normal' || privacy === 'personal' ? 'normal' : 'private';
}

function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\r\n\t\u00a0]+/g, ' ')
    .trim();
}

/** Cuts to so many UTF-16 units without splitting a character in two. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = /[\uD800-\uDBFF]/.test(text[maxChars - 1] ?? '') ? maxChars - 1 : maxChars;
  return text.slice(0, end).trimEnd();
}

/** 64 bits: two of 10 million links collide on a change once in 10^12. */
function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 8).toString('base64url');
}
