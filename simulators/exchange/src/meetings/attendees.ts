// Who is invited: the attendee lists of an appointment, their addresses, and the answers that the organizer keeps there.
import { EwsError } from '../soap/ews-error.ts';
import type { ItemView } from '../store/item-view.ts';
import type { MailboxIdentity } from '../store/mailbox.ts';
import type { PropertyValue } from '../store/values.ts';
import { writeDateTime } from '../time/date-time.ts';
import { branch, leaf, type Tree } from '../xml/tree.ts';

export type ResponseType = 'Accept' | 'Tentative' | 'Decline';

export const attendeeLists = ['RequiredAttendees', 'OptionalAttendees', 'Resources'];

type Values = ItemView['values'];

export function treeOf(value: PropertyValue | undefined): Tree | undefined {
  return typeof value === 'object' && 'name' in value ? value : undefined;
}

function entriesOf(values: Values): readonly Tree[] {
  return attendeeLists.flatMap((name) => treeOf(values[name])?.children ?? []);
}

const addressOf = (entry: Tree): string => leaf(branch(entry, 'Mailbox'), 'EmailAddress') ?? '';

/** The addresses of all attendees, each once, as they were written. */
export function addressesOf(values: Values): readonly string[] {
  const found = new Map(entriesOf(values).map((entry) => [addressOf(entry).toLowerCase(), addressOf(entry)]));
  return [...found.values()];
}

/** @throws EwsError when something could not be sent because of an address that is none */
export function refuseInvalidAddresses(addresses: readonly string[]): void {
  if (addresses.every((each) => /^[^\s@<>(),;:]+@[^\s@<>(),;:]+$/.test(each))) return;
  throw new EwsError('ErrorInvalidRecipients', 'At least one recipient is not valid.');
}

/** A person as the organizer, the sender, a recipient. */
export function personTree({ displayName, address }: Pick<MailboxIdentity, 'address' | 'displayName'>): Tree {
  const children = [
    { name: 'Name', text: displayName },
    { name: 'EmailAddress', text: address },
    { name: 'RoutingType', text: 'SMTP' },
  ];
  return { name: 'Mailbox', children };
}

function withEntries(values: Values, change: (entry: Tree) => Tree): Record<string, PropertyValue> {
  const changed = { ...values };
  for (const name of attendeeLists) {
    const list = treeOf(values[name]);
    if (list !== undefined) changed[name] = { ...list, children: (list.children ?? []).map(change) };
  }
  return changed;
}

function answered(entry: Tree, response: string, atMs?: number): Tree {
  const mailbox = branch(entry, 'Mailbox');
  const answer = { name: 'ResponseType', text: response };
  const time = atMs === undefined ? [] : [{ name: 'LastResponseTime', text: writeDateTime(atMs) }];
  return { name: entry.name, children: [...(mailbox === undefined ? [] : [mailbox]), answer, ...time] };
}

/** The values with the answer of one attendee. */
export function withAnswer(
  values: Values,
  address: string,
  response: ResponseType,
  atMs: number,
): Record<string, PropertyValue> {
  const self = address.toLowerCase();
  return withEntries(values, (entry) =>
    addressOf(entry).toLowerCase() === self ? answered(entry, response, atMs) : entry,
  );
}

/** The values as if nobody had answered. */
export function withoutAnswers(values: Values): Record<string, PropertyValue> {
  return withEntries(values, (entry) => answered(entry, 'Unknown'));
}
