// An attendee answers: his copy keeps it; when the answer is sent, the organizer's tracking learns of it and a message lies in
// his inbox. A declined copy goes to Deleted Items.
import type { CallContext } from '../caller/call-context.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import type { ItemView } from '../store/item-view.ts';
import { uidOf } from '../store/uid.ts';
import type { PropertyValue } from '../store/values.ts';
import { leaf } from '../xml/tree.ts';
import { attendeeLists, type ResponseType, treeOf, withAnswer } from './attendees.ts';
import { responseLetter } from './meeting-letters.ts';
import { sendLetter } from './sending.ts';

const busyAfter = { Accept: 'Busy', Tentative: 'Tentative', Decline: 'Free' } as const;

export interface Answer {
  readonly response: ResponseType;
  readonly body: PropertyValue | undefined;
  /** `SaveOnly` tells nobody. */
  readonly disposition: string | undefined;
}

/** @returns the copy of the answer in Sent Items. @throws EwsError when there is nothing to answer */
export function respond(view: ItemView, answer: Answer, context: CallContext): Item | undefined {
  const { mailbox, item } = view;
  const organizer = leaf(treeOf(item.values['OrganizerMailbox']), 'EmailAddress');
  const { response, body, disposition } = answer;
  if (organizer === undefined)
    throw new EwsError(`ErrorCalendarIsOrganizerFor${response}`, 'The organizer cannot respond to his own meeting.');
  if (item.values['Cancelled'] === true)
    throw new EwsError(`ErrorCalendarIsCancelledFor${response}`, 'The meeting was cancelled.');
  const uid = uidOf(mailbox.identity.guid, item);
  const nowMs = context.nowMs();
  const answered = { MyResponse: response, LegacyFreeBusyStatus: busyAfter[response], ReplyTimeMs: nowMs };
  const change = { values: { ...item.values, ...answered }, extended: item.extended, touched: Object.keys(answered) };
  mailbox.change(item, change, mailbox.identity.displayName);
  if (response === 'Decline') mailbox.move(item, mailbox.folder('deleteditems'));
  if (disposition === 'SaveOnly') return undefined;
  track(organizer, uid, view, response, context);
  const saveCopy = disposition === 'SendAndSaveCopy';
  return sendLetter(mailbox, { ...responseLetter(view, response, body), to: [organizer], saveCopy }, context);
}

function track(organizer: string, uid: string, view: ItemView, response: ResponseType, context: CallContext): void {
  const mailbox = context.directory.mailbox(organizer);
  const item = mailbox?.appointmentByUid(uid);
  if (mailbox === undefined || item === undefined) return;
  const { address, displayName } = view.mailbox.identity;
  const values = withAnswer(item.values, address, response, context.nowMs());
  mailbox.change(item, { values, extended: item.extended, touched: attendeeLists }, displayName);
}
