// Which mailboxes share one streaming connection: by address, at most 200 (the server's bound for one connection). Every gateway
// computes the same groups from the same links, so that a lease a group is enough to share the work.
import type { Backend, Mailbox } from '../backend.ts';
import { gatewayConfig } from '../config.ts';

export interface MailboxGroup {
  /** Part of the key of its lease. */
  readonly id: string;
  readonly backend: Backend;
  readonly members: readonly Mailbox[];
}

/** The groups of these mailboxes, those of one backend together. */
export function groupsOf(
  mailboxes: Iterable<{ readonly mailbox: Mailbox; readonly backend: Backend }>,
  size: number = gatewayConfig.watch.maxGroupSize,
): readonly MailboxGroup[] {
  const byBackend = new Map<Backend, Mailbox[]>();
  for (const { mailbox, backend } of mailboxes) {
    const members = byBackend.get(backend);
    if (members === undefined) byBackend.set(backend, [mailbox]);
    else members.push(mailbox);
  }
  return [...byBackend].flatMap(([backend, members]) => {
    members.sort((one, other) => compare(one.address, other.address) || compare(one.key, other.key));
    const groups: MailboxGroup[] = [];
    for (let at = 0; at < members.length; at += size) {
      groups.push({ id: `${backend.name}-${groups.length}`, backend, members: members.slice(at, at + size) });
    }
    return groups;
  });
}

// By code unit, not by locale: every gateway has to come to the same order.
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
