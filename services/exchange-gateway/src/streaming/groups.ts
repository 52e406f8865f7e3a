// Which mailboxes share one streaming connection: by address, at most 200 (the server's bound for one connection). Every gateway
// computes the same groups from the same links, so that a lease a group is enough to share the work.
import type { MailboxKey, UserLink } from '@lockstep/contracts';
import { gatewayConfig } from '../config.ts';

export interface GroupMember {
  readonly mailbox: MailboxKey;
  readonly address: string;
}

export interface MailboxGroup {
  /** Part of the key of its lease. */
  readonly id: string;
  readonly members: readonly GroupMember[];
}

/** The groups of all enabled links. */
export function groupsOf(
  links: Iterable<UserLink>,
  size: number = gatewayConfig.watch.maxGroupSize,
): readonly MailboxGroup[] {
  const members = [...links]
    .filter((link) => link.enabled)
    .map(({ mailbox, address }) => ({ mailbox, address }))
    .sort((one, other) => compare(one.address, other.address) || compare(one.mailbox, other.mailbox));
  const groups: MailboxGroup[] = [];
  for (let at = 0; at < members.length; at += size) {
    groups.push({ id: String(groups.length), members: members.slice(at, at + size) });
  }
  return groups;
}

// By code unit, not by locale: every gateway has to come to the same order.
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
