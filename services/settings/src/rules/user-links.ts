// What a set of user links may look like. Pure: decides over all links at once; user-link-store.ts reads and writes them.
import { createHash } from 'node:crypto';
import { type CodedError, codedError, type MailboxKey, type UserLink } from '@lockstep/contracts';
import { isPlausibleAddress, knownZone } from './addresses.ts';

/** What an administrator says of a link; key and time are ours. */
export interface UserLinkFields {
  readonly address: string;
  readonly associateId: number;
  readonly zone: string;
  readonly enabled: boolean;
}

const refused = (field: string, message: string): CodedError =>
  codedError('request-invalid', { field, message: `${field} ${message}` });

/** Why a link is refused beside the others, or undefined. Other links are named by their keys, never by address. */
export function linkFault(link: UserLink, others: readonly UserLink[]): CodedError | undefined {
  if (!isPlausibleAddress(link.address)) return refused('address', 'must be an e-mail address, name@example.com');
  if (knownZone(link.zone) === undefined) return refused('zone', 'must be an IANA time zone, for example Europe/Oslo');
  const rest = others.filter(({ mailbox }) => mailbox !== link.mailbox);
  const sameAddress = rest.find(({ address }) => isSameAddress(address, link.address));
  if (sameAddress !== undefined) return refused('address', `must be new: mailbox ${sameAddress.mailbox} has it`);
  const sameAssociate = rest.find(({ associateId, enabled }) => enabled && associateId === link.associateId);
  if (link.enabled && sameAssociate !== undefined)
    return refused('associateId', `must be new among enabled links: mailbox ${sameAssociate.mailbox} has it`);
  return undefined;
}

/** Addresses are compared without case, as every mail server in use does. */
export const isSameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The link with the fields that administrators may change, tidied. */
export function withFields(link: UserLink, { address, zone, ...rest }: Partial<UserLinkFields>): UserLink {
  return {
    ...link,
    ...rest,
    address: address?.trim() ?? link.address,
    zone: zone === undefined ? link.zone : (knownZone(zone) ?? zone),
  };
}

/** The deleted link that a new one continues: the same mailbox and the same associate, the latest of several. */
export function formerLink(fields: UserLinkFields, removed: readonly UserLink[]): UserLink | undefined {
  return removed.findLast(
    ({ address, associateId }) => isSameAddress(address, fields.address.trim()) && associateId === fields.associateId,
  );
}

/** The ETag of one link, made from what it says: its neighbours in storage may change without it. */
export function linkTag(link: UserLink): string {
  const { mailbox, address, associateId, zone, enabled, linkedAt } = link;
  const text = JSON.stringify([mailbox, address, associateId, zone, enabled, linkedAt]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** A page of links in the order of their keys. */
export interface LinkPage {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly address?: string | undefined;
  readonly associateId?: number | undefined;
}

export function pageOf(links: readonly UserLink[], page: LinkPage): { links: readonly UserLink[]; next?: MailboxKey } {
  const { after = '', limit, address, associateId } = page;
  const found = links
    .filter((link) => address === undefined || isSameAddress(link.address, address))
    .filter((link) => associateId === undefined || link.associateId === associateId)
    .filter(({ mailbox }) => mailbox > after)
    .sort((a, b) => (a.mailbox < b.mailbox ? -1 : 1));
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return found.length > limit && last !== undefined ? { links: shown, next: last.mailbox } : { links: shown };
}
