// The properties of every item, in the order of the schema: they stand before those of the item's own class.
import { extendedProperty } from '../schema/common-types.ts';
import { definitions, notInLists, readOnly } from './definitions.ts';
import type { Property } from './property.ts';

const item = definitions('item');

/** Stands in the tables where extended properties go: they are kept apart, each under its own path. */
export const extendedPropertyMarker = 'ExtendedProperty';

export const itemProperties: readonly Property[] = [
  item.computed('MimeContent', 'named'),
  item.computed('ItemId', 'IdOnly'),
  item.computed('ParentFolderId', 'AllProperties'),
  item.text('ItemClass'),
  item.text('Subject', 'Default'),
  item.choice('Sensitivity', 'Normal Personal Private Confidential', 'Default'),
  notInLists(item.body('Body', 'Default')),
  notInLists(item.computed('Attachments', 'Default')),
  readOnly(item.instant('DateTimeReceived')),
  item.computed('Size', 'Default'),
  item.strings('Categories'),
  item.choice('Importance', 'Low Normal High'),
  item.text('InReplyTo'),
  readOnly(item.flag('IsSubmitted')),
  readOnly(item.flag('IsDraft')),
  readOnly(item.flag('IsFromMe')),
  readOnly(item.flag('IsResend')),
  readOnly(item.flag('IsUnmodified')),
  item.computed('InternetMessageHeaders', 'named'),
  readOnly(item.instant('DateTimeSent')),
  item.computed('DateTimeCreated'),
  item.computed('ResponseObjects', 'Default'),
  item.instant('ReminderDueBy'),
  item.flag('ReminderIsSet'),
  item.computed('ReminderNextTime'),
  item.integer('ReminderMinutesBeforeStart', 'AllProperties', 0, 2629800),
  item.computed('DisplayCc'),
  item.computed('DisplayTo'),
  item.computed('DisplayBcc', 'named'),
  item.computed('HasAttachments', 'Default'),
  { ...item.tree(extendedPropertyMarker, extendedProperty, 'named'), kind: 'computed' },
  item.text('Culture'),
  item.computed('EffectiveRights'),
  item.computed('LastModifiedName'),
  item.computed('LastModifiedTime'),
  item.computed('IsAssociated'),
  item.computed('WebClientReadFormQueryString', 'named'),
  item.computed('WebClientEditFormQueryString', 'named'),
  item.computed('ConversationId', 'named'),
  notInLists(item.computed('UniqueBody', 'named')),
  item.computed('Flag', 'named'),
  item.computed('StoreEntryId', 'named'),
  item.computed('InstanceKey', 'named'),
  notInLists(item.computed('NormalizedBody', 'named')),
  notInLists(item.computed('TextBody', 'named')),
];
