// Which mailboxes share one streaming connection: those of one stored group that are to be watched at present, at most 200 (the
// server's bound for one connection).
import type { MailboxKey } from '@lockstep/contracts';
import type { Backend, Mailbox } from '../backend.ts';
import type { StoredGroup } from './group-record.ts';

export interface MailboxGroup {
  /** Part of the key of its lease. */
  readonly id: string;
  readonly backend: Backend;
  readonly members: readonly Mailbox[];
}

export interface Watched {
  readonly mailbox: Mailbox;
  readonly backend: Backend;
}

/** The groups that have somebody to watch. Who has no place yet is in none. */
export function groupsOf(
  stored: readonly StoredGroup[],
  watched: ReadonlyMap<MailboxKey, Watched>,
): readonly MailboxGroup[] {
  return stored.flatMap(({ id, backend: name, members }) => {
    const own = members.flatMap((key) => {
      const found = watched.get(key as MailboxKey);
      return found?.backend.name === name ? [found] : [];
    });
    const [first] = own;
    return first === undefined ? [] : [{ id, backend: first.backend, members: own.map(({ mailbox }) => mailbox) }];
  });
}
