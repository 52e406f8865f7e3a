// What an operation is made of: a handler of the bus that puts one request to the backend of its mailbox.
import type { RequestContext } from '@lockstep/bus';
import type { MailboxKey, Outcome, Priority, ReplyOf, RequestOf } from '@lockstep/contracts';
import type { Asked, Mailboxes } from '../mailboxes.ts';

export type Handler<O> = (body: RequestOf<O>, context: RequestContext) => Promise<Outcome<ReplyOf<O>>>;

interface About {
  readonly mailbox: MailboxKey;
  readonly priority: Priority;
}

/** A handler that asks the backend of the mailbox which the request names. */
export function forMailbox<Q extends About, R>(
  mailboxes: Mailboxes,
  put: (asked: Asked, body: Q) => Promise<Outcome<R>>,
): (body: Q, context: RequestContext) => Promise<Outcome<R>> {
  return async (body, context) => {
    const asked = mailboxes.ask(body.mailbox, body.priority, context);
    return asked.ok ? put(asked.value, body) : asked;
  };
}
