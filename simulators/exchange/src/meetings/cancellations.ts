// Cancelling: the attendees' copies stay, marked, and a cancellation lies in their inboxes.
import type { CallContext } from '../caller/call-context.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import type { ItemView } from '../store/item-view.ts';
import { uidOf } from '../store/uid.ts';
import type { PropertyValue } from '../store/values.ts';
import { addressesOf } from './attendees.ts';
import { canceled, cancellationLetter } from './meeting-letters.ts';
import { sendLetter } from './sending.ts';

export interface Farewell {
  readonly saveCopy: boolean;
  /** What the organizer wrote. */
  readonly body: PropertyValue | undefined;
}

/** Of a meeting that is deleted. Nothing happens with SendToNone, or when no invitation was ever sent. */
export function sendCancellations(view: ItemView, how: string | undefined, context: CallContext): void {
  const { values } = view.item;
  if (how === undefined || how === 'SendToNone') return;
  if (values['RequestSent'] !== true || values['OrganizerMailbox'] !== undefined) return;
  cancelCopies(view, guestsOf(view), { saveCopy: how.endsWith('SaveCopy'), body: undefined }, context);
}

/** The organizer cancels with a few words: his item goes to Deleted Items. @throws EwsError when he is not the organizer */
export function cancelMeeting(view: ItemView, farewell: Farewell, context: CallContext): Item | undefined {
  const { mailbox, item } = view;
  if (item.values['OrganizerMailbox'] !== undefined) throw new EwsError('ErrorCalendarIsNotOrganizer');
  const sent = cancelCopies(view, guestsOf(view), farewell, context);
  mailbox.move(item, mailbox.folder('deleteditems'));
  return sent;
}

function guestsOf({ mailbox, values }: ItemView): readonly string[] {
  const self = mailbox.identity.address.toLowerCase();
  return addressesOf(values).filter((each) => each.toLowerCase() !== self);
}

/** Marks the copies of these attendees as cancelled, and tells them. */
export function cancelCopies(
  view: ItemView,
  to: readonly string[],
  farewell: Farewell,
  context: CallContext,
): Item | undefined {
  if (to.length === 0) return undefined;
  const { mailbox, item } = view;
  const uid = uidOf(mailbox.identity.guid, item);
  for (const address of to) {
    const attendee = context.directory.mailbox(address);
    const copy = attendee?.appointmentByUid(uid);
    if (attendee === undefined || copy === undefined || copy.values['Cancelled'] === true) continue;
    const values = { ...copy.values, Cancelled: true, LegacyFreeBusyStatus: 'Free', Subject: canceled(copy) };
    const touched = ['Subject', 'LegacyFreeBusyStatus'];
    attendee.change(copy, { values, extended: copy.extended, touched }, mailbox.identity.displayName);
  }
  const letter = { ...cancellationLetter(view, farewell.body), to, saveCopy: farewell.saveCopy };
  return sendLetter(mailbox, letter, context);
}
