// A message that a client sends: it needs recipients, and leaves at once.
import type { CallContext } from '../caller/call-context.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ItemDraft, Mailbox } from '../store/mailbox.ts';
import { branch, leaf } from '../xml/tree.ts';
import { refuseInvalidAddresses, treeOf } from './attendees.ts';
import { sendLetter } from './sending.ts';

const lists = ['ToRecipients', 'CcRecipients', 'BccRecipients'];

/** @throws EwsError when it has no recipients, or one that is none */
export function sendMessage(from: Mailbox, draft: ItemDraft, saveCopy: boolean, context: CallContext): void {
  const people = lists.flatMap((name) => treeOf(draft.values[name])?.children ?? []);
  const to = people.map((each) => leaf(each, 'EmailAddress') ?? leaf(branch(each, 'Mailbox'), 'EmailAddress') ?? '');
  if (to.length === 0) throw new EwsError('ErrorMissingRecipients', 'The message has no recipients.');
  refuseInvalidAddresses(to);
  sendLetter(from, { kind: 'Message', to, values: draft.values, extended: draft.extended, saveCopy }, context);
}
