// The properties of a mail message that a calendar server needs: folders hold them, and meeting requests arrive as them.
import { emailAddress } from '../schema/common-types.ts';
import { one, sequence, some } from '../schema/schema.ts';
import { definitions, notInLists } from './definitions.ts';
import type { Property } from './property.ts';

const message = definitions('message');
const recipients = sequence([some({ 't:Mailbox': emailAddress })]);
const single = sequence([one({ 't:Mailbox': emailAddress })]);

export const messageProperties: readonly Property[] = [
  message.tree('Sender', single, 'Default'),
  notInLists(message.tree('ToRecipients', recipients)),
  notInLists(message.tree('CcRecipients', recipients)),
  notInLists(message.tree('BccRecipients', recipients)),
  message.flag('IsReadReceiptRequested'),
  message.flag('IsDeliveryReceiptRequested'),
  message.computed('ConversationIndex', 'named'),
  message.computed('ConversationTopic', 'named'),
  message.tree('From', single, 'Default'),
  message.text('InternetMessageId'),
  message.flag('IsRead', 'Default'),
  message.flag('IsResponseRequested'),
  message.text('References'),
];
