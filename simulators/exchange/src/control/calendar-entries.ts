// Appointments as JSON, written as a person in Outlook would: a new change key, events, the person as the author.

import { withRules } from '../items/item-rules.ts';
import type { Values } from '../items/save-context.ts';
import { extendedPropertyKey } from '../properties/extended-path.ts';
import { isBody, isStrings } from '../properties/value-writer.ts';
import type { Simulator } from '../simulator.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import { readId, writeChangeKey, writeId } from '../store/ids.ts';
import type { ExtendedProperty } from '../store/item.ts';
import type { ItemDraft, Mailbox } from '../store/mailbox.ts';
import { uidOf } from '../store/uid.ts';
import type { Body, PropertyValue } from '../store/values.ts';
import { ianaOf } from '../time/zones.ts';
import { ControlError } from './control-error.ts';
import {
  asChoice,
  asInstant,
  asList,
  asObject,
  asStrings,
  asText,
  asZone,
  type JsonObject,
  optionalBetween,
  optionalBoolean,
} from './json-input.ts';

const busyStates = ['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere', 'NoData'] as const;
const sensitivities = ['Normal', 'Personal', 'Private', 'Confidential'] as const;

type Reader = (value: unknown, name: string) => Readonly<Record<string, PropertyValue>>;

/** From the names of the JSON form to stored properties. */
const readers: Readonly<Record<string, Reader>> = {
  subject: (value, name) => ({ Subject: asText(value, name) }),
  body: (value, name) => ({ Body: readBody(value, name) }),
  start: (value, name) => ({ Start: asInstant(value, name) }),
  end: (value, name) => ({ End: asInstant(value, name) }),
  timeZone: (value, name) => {
    const zone = asZone(asText(value, name));
    return { StartTimeZone: zone, EndTimeZone: zone };
  },
  isAllDay: (value, name) => ({ IsAllDayEvent: optionalBoolean(value, name) ?? false }),
  location: (value, name) => ({ Location: asText(value, name) }),
  busy: (value, name) => ({ LegacyFreeBusyStatus: asChoice(value, name, busyStates) }),
  categories: (value, name) => ({ Categories: asStrings(value, name) }),
  sensitivity: (value, name) => ({ Sensitivity: asChoice(value, name, sensitivities) }),
  reminder: (value, name) => readReminder(value, name),
  uid: (value, name) => ({ UID: asText(value, name) }),
};

function readBody(value: unknown, name: string): Body {
  if (typeof value === 'string') return { format: 'Text', text: value };
  const body = asObject(value, name);
  return {
    format: asChoice(body['format'], `${name}.format`, ['HTML', 'Text']),
    text: asText(body['text'], `${name}.text`),
  };
}

/** Null switches it off; a number is the minutes before the start. */
function readReminder(value: unknown, name: string): Readonly<Record<string, PropertyValue>> {
  if (value === null) return { ReminderIsSet: false };
  return {
    ReminderIsSet: true,
    ReminderMinutesBeforeStart: Math.floor(optionalBetween(value, name, 0, 2_629_800) ?? 15),
  };
}

interface Entry {
  readonly values: Values;
  readonly extended: readonly ExtendedProperty[] | undefined;
}

function readFields(body: JsonObject): Entry {
  const values: Values = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'extendedProperties') continue;
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw new ControlError(400, `An appointment has no field '${name}' that can be written.`);
    Object.assign(values, reader(value, name));
  }
  const extended = body['extendedProperties'];
  return {
    values,
    extended: extended === undefined ? undefined : asList(extended, 'extendedProperties').map(readExtended),
  };
}

function readExtended(value: unknown): ExtendedProperty {
  const body = asObject(value, 'an extended property');
  const path = Object.fromEntries(
    Object.entries(asObject(body['path'], 'path')).map(([name, text]) => [name, asText(text, `path.${name}`)]),
  );
  const content = body['value'];
  return {
    key: asControlError(() => extendedPropertyKey(path)),
    path,
    value: Array.isArray(content) ? asStrings(content, 'value') : asText(content, 'value'),
  };
}

function asControlError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EwsError) throw new ControlError(400, `${error.code}: ${error.message}`);
    throw error;
  }
}

/** A new appointment. @throws ControlError */
export function readEntry(body: JsonObject, mailbox: Mailbox, simulator: Simulator): ItemDraft {
  const { values, extended } = readFields(body);
  const save = {
    touched: new Set(Object.keys(values)),
    timeZone: mailbox.identity.timeZone,
    nowMs: simulator.clock.nowMs(),
  };
  return {
    kind: 'CalendarItem',
    values: asControlError(() => withRules('CalendarItem', values, save)),
    extended: extended ?? [],
  };
}

export function createEntry(mailbox: Mailbox, body: JsonObject, simulator: Simulator): unknown {
  const item = mailbox.create(
    mailbox.folder('calendar'),
    readEntry(body, mailbox, simulator),
    mailbox.identity.displayName,
  );
  return describe(mailbox, item);
}

export function updateEntry(mailbox: Mailbox, id: string, body: JsonObject, simulator: Simulator): unknown {
  const item = findEntry(mailbox, id);
  const { values, extended } = readFields(body);
  const touched = [...Object.keys(values), ...(extended ?? []).map((each) => each.key)];
  const save = { touched: new Set(touched), timeZone: mailbox.identity.timeZone, nowMs: simulator.clock.nowMs() };
  const complete = asControlError(() => withRules('CalendarItem', { ...item.values, ...values }, save));
  const keys = new Set((extended ?? []).map((each) => each.key));
  const kept = item.extended.filter((each) => !keys.has(each.key));
  mailbox.change(
    item,
    { values: complete, extended: [...kept, ...(extended ?? [])], touched },
    mailbox.identity.displayName,
  );
  return describe(mailbox, item);
}

/** As with the Delete key: into Deleted Items; `?type=HardDelete` for good. */
export function deleteEntry(mailbox: Mailbox, id: string, query: URLSearchParams): undefined {
  const item = findEntry(mailbox, id);
  if (query.get('type') === 'HardDelete') mailbox.destroy(item);
  else mailbox.move(item, mailbox.folder('deleteditems'));
}

/** By EWS id, plain or in base64url. */
function findEntry(mailbox: Mailbox, id: string): Item {
  const standard = id.replaceAll('-', '+').replaceAll('_', '/').replaceAll(' ', '+');
  const read = readId(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
  const item = read?.mailboxGuid === mailbox.identity.guid ? mailbox.items.get(read.serial) : undefined;
  if (item === undefined) throw new ControlError(404, 'There is no such item.');
  return item;
}

/** All appointments, oldest first; `?folder=deleteditems` looks elsewhere. */
export function listEntries(mailbox: Mailbox, query: URLSearchParams): unknown {
  const folder = mailbox.distinguished.get(query.get('folder') ?? 'calendar');
  if (folder === undefined) throw new ControlError(404, 'There is no such folder.');
  const items = [...folder.items.values()].filter((item) => item.kind === 'CalendarItem');
  return items.toSorted((a, b) => a.birth - b.birth).map((item) => describe(mailbox, item));
}

/** The whole of it. */
export function describe(mailbox: Mailbox, item: Item): JsonObject {
  const { values } = item;
  const id = writeId(mailbox.identity.guid, 'item', item.serial);
  const zone = String(values['StartTimeZone'] ?? 'UTC');
  const body = values['Body'];
  return {
    id,
    urlId: Buffer.from(id, 'base64').toString('base64url'),
    changeKey: writeChangeKey('item', item.changed),
    uid: uidOf(mailbox.identity.guid, item),
    folder: item.folder.distinguishedName ?? item.folder.displayName,
    subject: values['Subject'] ?? '',
    body: isBody(body) ? body : null,
    start: isoOf(values['Start']),
    end: isoOf(values['End']),
    timeZone: zone,
    ianaTimeZone: ianaOf(zone) ?? 'UTC',
    isAllDay: values['IsAllDayEvent'] === true,
    location: values['Location'] ?? '',
    busy: values['LegacyFreeBusyStatus'] ?? 'Busy',
    categories: isStrings(values['Categories']) ? values['Categories'] : [],
    sensitivity: values['Sensitivity'] ?? 'Normal',
    reminder: values['ReminderIsSet'] === true ? (values['ReminderMinutesBeforeStart'] ?? 15) : null,
    extendedProperties: item.extended.map(({ path, value }) => ({ path, value })),
    created: new Date(item.createdAtMs).toISOString(),
    lastModified: new Date(item.modifiedAtMs).toISOString(),
    lastModifiedBy: item.modifiedBy,
  };
}

function isoOf(value: PropertyValue | undefined): string | null {
  return typeof value === 'number' ? new Date(value).toISOString() : null;
}
