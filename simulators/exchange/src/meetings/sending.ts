// Sends a message: it is noted in the outbox, lies in the inbox of each recipient who has a mailbox here, and, when a copy
// was asked for, in Sent Items.
import type { CallContext } from '../caller/call-context.ts';
import type { Item } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { SentKind } from '../store/outbox.ts';
import type { PropertyValue } from '../store/values.ts';
import { personTree } from './attendees.ts';

export interface Letter {
  readonly kind: SentKind;
  readonly to: readonly string[];
  readonly values: Readonly<Record<string, PropertyValue>>;
  readonly extended?: Item['extended'];
  readonly uid?: string;
  readonly response?: string;
  readonly saveCopy: boolean;
}

/** @returns the copy in Sent Items */
export function sendLetter(from: Mailbox, letter: Letter, context: CallContext): Item | undefined {
  const { identity } = from;
  const subject = String(letter.values['Subject'] ?? '');
  context.outbox.add({
    kind: letter.kind,
    sentAt: new Date(context.nowMs()).toISOString(),
    from: identity.address,
    to: letter.to,
    subject,
    uid: letter.uid,
    response: letter.response,
    account: context.caller.account.address,
  });
  const sender = { name: 'From', children: [personTree(identity)] };
  const recipients = letter.to.map((address) => recipient(address, context));
  const values = {
    Importance: 'Normal',
    Sensitivity: 'Normal',
    ToRecipients: { name: 'ToRecipients', children: recipients },
    ...letter.values,
    From: sender,
    Sender: { ...sender, name: 'Sender' },
  };
  const { BccRecipients: _secret, ...open } = values as Record<string, PropertyValue>;
  const draft = { kind: letter.kind, values: { ...open, IsRead: false }, extended: letter.extended ?? [] };
  for (const address of letter.to) {
    const mailbox = context.directory.mailbox(address);
    mailbox?.create(mailbox.folder('inbox'), draft, identity.displayName);
  }
  if (!letter.saveCopy) return undefined;
  const copy = { ...draft, values: { ...values, IsRead: true } };
  return from.create(from.folder('sentitems'), copy, identity.displayName);
}

function recipient(address: string, context: CallContext): ReturnType<typeof personTree> {
  const displayName = context.directory.mailbox(address)?.identity.displayName ?? address;
  return personTree({ address, displayName });
}
