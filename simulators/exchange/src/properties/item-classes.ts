// The classes of items: element name, message class, the folder they live in, and their table of properties.
import { attachmentsType } from '../schema/attachments.ts';
import { any, type ElementType, expanded, sequence } from '../schema/schema.ts';
import type { ItemKind } from '../store/values.ts';
import { calendarProperties } from './calendar-properties.ts';
import { contactProperties } from './contact-properties.ts';
import { extendedPropertyMarker, itemProperties } from './item-properties.ts';
import { meetingNoteProperties, meetingRequestProperties } from './meeting-properties.ts';
import { messageProperties } from './message-properties.ts';
import type { Property } from './property.ts';
import { taskProperties } from './task-properties.ts';

export interface ItemClass {
  readonly kind: ItemKind;
  readonly messageClass: string;
  readonly homeFolder: string;
  readonly folderClass: string;
  readonly properties: readonly Property[];
  readonly byName: ReadonlyMap<string, Property>;
  readonly byUri: ReadonlyMap<string, Property>;
  /** The type of the element in a request. */
  readonly type: ElementType;
}

function itemClass(
  kind: ItemKind,
  messageClass: string,
  homeFolder: string,
  folderClass: string,
  own: readonly Property[],
): ItemClass {
  const properties = [...itemProperties, ...own];
  return {
    kind,
    messageClass,
    homeFolder,
    folderClass,
    properties,
    byName: new Map(properties.map((property) => [property.name, property])),
    byUri: new Map(properties.map((property) => [property.uri, property])),
    type: elementTypeOf(properties),
  };
}

function elementTypeOf(properties: readonly Property[]): ElementType {
  return sequence(
    properties.map((property) => ({
      ...any({ [`t:${property.name}`]: property.name === 'Attachments' ? attachmentList : property.type }),
      max: property.name === extendedPropertyMarker ? Number.POSITIVE_INFINITY : 1,
    })),
  );
}

export const itemClasses: Readonly<Record<ItemKind, ItemClass>> = {
  CalendarItem: itemClass('CalendarItem', 'IPM.Appointment', 'calendar', 'IPF.Appointment', calendarProperties),
  Contact: itemClass('Contact', 'IPM.Contact', 'contacts', 'IPF.Contact', contactProperties),
  Task: itemClass('Task', 'IPM.Task', 'tasks', 'IPF.Task', taskProperties),
  MeetingRequest: itemClass(
    'MeetingRequest',
    'IPM.Schedule.Meeting.Request',
    'inbox',
    'IPF.Note',
    meetingRequestProperties,
  ),
  MeetingResponse: itemClass(
    'MeetingResponse',
    'IPM.Schedule.Meeting.Resp',
    'inbox',
    'IPF.Note',
    meetingNoteProperties,
  ),
  MeetingCancellation: itemClass(
    'MeetingCancellation',
    'IPM.Schedule.Meeting.Canceled',
    'inbox',
    'IPF.Note',
    meetingNoteProperties,
  ),
  Message: itemClass('Message', 'IPM.Note', 'drafts', 'IPF.Note', messageProperties),
};

/** The choice of all item elements, for CreateItem and UpdateItem. */
export const itemElements: Readonly<Record<string, ElementType>> = Object.fromEntries(
  Object.values(itemClasses).map((each) => [`t:${each.kind}`, each.type]),
);

/** The same for UpdateItem, where the general element may carry what every item has. */
export const changedElements: Readonly<Record<string, ElementType>> = {
  ...itemElements,
  't:Item': elementTypeOf(itemProperties),
};

/** A list of attachments. The general item becomes a message, as when it is created alone. */
export function attachmentList(): ElementType {
  return attachmentsType({ ...itemElements, 't:Item': itemClasses.Message.type });
}

/** The class for an element name; the schema check has refused all others. */
export function itemClassOf(name: string): ItemClass {
  const found = Object.values(itemClasses).find((each) => each.kind === name);
  if (found === undefined) throw new Error(`There is no item class ${expanded(`t:${name}`)}.`);
  return found;
}
