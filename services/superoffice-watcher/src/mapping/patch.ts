// What to send so that a row says what is wanted: a whole new row, or the JSON Patch of an existing one. Only fields that
// really differ are replaced, each after a `test` of the value that we read, so that a change by somebody else in the
// meantime refuses the whole patch (409).
import { type AppointmentChanges, type AppointmentContent, knownBusyStates, type ZoneName } from '@lockstep/contracts';
import type { PatchOperation } from '../client/appointment-api.ts';
import type { AppointmentEntity } from '../client/entities.ts';
import { readPrivacy, writePrivacy } from './privacy.ts';
import { readTime, sameTime, writeTime } from './time.ts';
import { writeTitleAndText } from './title-and-text.ts';

export interface Owner {
  readonly associateId: number;
  readonly zone: ZoneName;
}

type Fields = Readonly<Record<string, unknown>>;

const maxLocationChars = 254;

/** The operations that make the row say `changes`; empty when it says so already. @throws UnreadableDate */
export function patchFor(
  entity: AppointmentEntity,
  changes: AppointmentChanges,
  owner: Owner,
): readonly PatchOperation[] {
  const before: Fields = entity;
  const differing = Object.entries(fieldsFor(entity, changes, owner)).filter(
    ([name, value]) => !sameValue(name, before[name], value),
  );
  return [
    ...differing.filter(([name]) => name !== 'VisibleFor').map(([name]) => testOf(name, before[name])),
    ...differing.map(([name, value]): PatchOperation => ({ op: 'replace', path: `/${name}`, value })),
  ];
}

/**
 * A new row from the server's template. The owner is always set: SuperOffice would take the caller. No alarm: the
 * reminder rings where the person planned the appointment.
 */
export function newRow(template: Fields, content: AppointmentContent, owner: Owner): Fields {
  const time = writeTime(content.time, owner.zone);
  const blank = { Title: '', Description: '', Private: 'Public', VisibleFor: [{ VisibleId: 0, Visibility: 'All' }] };
  const texts = writeTitleAndText(hasTitle(template) ? blank : { Description: '' }, content);
  return {
    ...template,
    ...texts,
    // A new row without a title would get the text as its title; a blank reads as no title.
    ...(texts.Title === '' && texts.Description !== '' ? { Title: ' ' } : {}),
    ...time,
    ActiveDate: time.StartDate,
    Location: cut(content.location),
    IsFree: content.busy === 'free',
    Private: blank.Private,
    VisibleFor: blank.VisibleFor,
    ...writePrivacy(blank, content.privacy, owner.associateId),
    Type: 'inDiary',
    Associate: { AssociateId: owner.associateId },
    HasAlarm: false,
  };
}

/** VisibleFor has no test of its own: `Private` mirrors it, and its entries carry texts in the reader's language. */
function testOf(name: string, value: unknown): PatchOperation {
  return { op: 'test', path: `/${name}`, value: value ?? null };
}

function fieldsFor(entity: AppointmentEntity, changes: AppointmentChanges, owner: Owner): Fields {
  const { time, location, busy, privacy } = changes;
  const timeChanges = time !== undefined && !sameTime(readTime(entity, owner.zone), time);
  return {
    ...writeTitleAndText(entity, changes),
    ...(timeChanges ? writeTime(time, owner.zone) : {}),
    ...(location === undefined ? {} : { Location: cut(location) }),
    ...(busy === undefined || !isKnownBusy(busy) ? {} : { IsFree: busy === 'free' }),
    ...(privacy === readPrivacy(entity) ? {} : writePrivacy(entity, privacy, owner.associateId)),
  };
}

/** Unknown values are never written back. */
function isKnownBusy(busy: string): boolean {
  return (knownBusyStates as readonly string[]).includes(busy);
}

function sameValue(name: string, before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (before === undefined || before === null) return after === '' || after === false;
  if (name !== 'StartDate' && name !== 'EndDate') return false;
  return Date.parse(String(before)) === Date.parse(String(after));
}

function hasTitle(template: Fields): boolean {
  return template['Title'] !== undefined && template['Title'] !== null;
}

/** SuperOffice refuses a longer location. Cuts without splitting a character in two. */
function cut(location: string): string {
  if (location.length <= maxLocationChars) return location;
  const splits = /[\uD800-\uDBFF]/.test(location[maxLocationChars - 1] ?? '');
  return location.slice(0, splits ? maxLocationChars - 1 : maxLocationChars);
}
