// The people of a saved release: the four of the trial system and more, each with a part that leaves a kind of record.
import { call, settingsApi } from '../../../scripts/system/provision.ts';
import { samplePassword, samplePeople, sampleZone } from '../../../scripts/system/sample-people.ts';
import type { System } from '../../../scripts/system/system.ts';

/** What each person's storage holds in the end. The test reads it to know what is to become of it. */
export const parts = {
  alice:
    'pairs of all sorts from both sides, a conflict in the history, a parked meeting, a parked link, changes that wait in the stream',
  bob: 'deletes that the brake holds',
  carol: 'an open intent whose item is in Exchange already, and a notification that waits',
  dave: 'an open intent whose row is in SuperOffice already, without its foreign key; a parked booking',
  erin: 'an open intent whose call had no effect',
  frank: 'a first load that stands in the middle, with an open intent',
  gina: 'a user who was removed',
  henry: 'a create that was settled and waits for its second look',
  ivan: 'a delete that is suspected and not proved',
  judy: 'a user whose link is not enabled',
} as const;
export type Name = keyof typeof parts;
export const names = Object.keys(parts) as readonly Name[];

export const addressOf = (name: Name): string => `${name}@lockstep.test`;

interface Item {
  readonly urlId: string;
  readonly subject: string;
}
interface Row {
  readonly id: number;
  readonly title: string;
}

/** One person on both sides, acting as in Outlook and in the web client. */
export class Player {
  readonly name: Name;
  readonly #exchange: string;
  readonly #superoffice: string;

  constructor(system: System, name: Name) {
    this.name = name;
    this.#exchange = `${system.simulatorUrl('exchange')}/control/mailboxes/${addressOf(name)}/calendar/items`;
    this.#superoffice = `${system.simulatorUrl('superoffice')}/control/appointments`;
  }

  items = () => call<readonly Item[]>('GET', this.#exchange);
  rows = () => call<readonly Row[]>('GET', `${this.#superoffice}?associate=${this.name}`);

  outlook = (subject: string, day: number, more: object = {}) =>
    call<Item>('POST', this.#exchange, { subject, ...at(day), ...more });
  web = (title: string, day: number, more: object = {}) =>
    call<Row>('POST', this.#superoffice, { associate: this.name, title, ...at(day), ...more });

  async changeItem(subject: string, changes: object): Promise<void> {
    await call('PATCH', `${this.#exchange}/${(await this.#item(subject)).urlId}`, changes);
  }

  async changeRow(title: string, changes: object): Promise<void> {
    await call('PATCH', `${this.#superoffice}/${(await this.#row(title)).id}`, { as: this.name, ...changes });
  }

  async deleteItem(subject: string): Promise<void> {
    await call('DELETE', `${this.#exchange}/${(await this.#item(subject)).urlId}`);
  }

  async deleteRow(title: string): Promise<void> {
    await call('DELETE', `${this.#superoffice}/${(await this.#row(title)).id}?as=${this.name}`);
  }

  /** True when both sides hold an item of each of these titles. */
  async holds(titles: readonly string[]): Promise<boolean> {
    const [items, rows] = await Promise.all([this.items(), this.rows()]);
    return titles.every(
      (title) => items.some(({ subject }) => subject === title) && rows.some((row) => row.title === title),
    );
  }

  async #item(subject: string): Promise<Item> {
    const item = (await this.items()).find((candidate) => candidate.subject === subject);
    if (item === undefined) throw new Error(`${this.name} has no item "${subject}"`);
    return item;
  }

  async #row(title: string): Promise<Row> {
    const row = (await this.rows()).find((candidate) => candidate.title === title);
    if (row === undefined) throw new Error(`${this.name} has no row "${title}"`);
    return row;
  }
}

const dayMs = 86_400_000;
const firstHour = 8;

/** An hour on a day so many days from today; the hour differs with the day. */
export function at(day: number): { readonly start: string; readonly end: string } {
  const midnight = Math.floor(Date.now() / dayMs) * dayMs + day * dayMs;
  const startMs = midnight + (firstHour + (day % 7)) * 3_600_000;
  return { start: new Date(startMs).toISOString(), end: new Date(startMs + 3_600_000).toISOString() };
}

/** Makes those who are not among the sample people, on both sides. */
export async function seedOthers(system: System): Promise<void> {
  const others = names.filter((name) => !samplePeople.some(({ login }) => login === name));
  await call('POST', `${system.simulatorUrl('exchange')}/control/seed`, {
    mailboxes: others.map((name) => ({
      address: addressOf(name),
      displayName: name,
      password: samplePassword,
      timeZone: sampleZone,
    })),
  });
  await call('POST', `${system.simulatorUrl('superoffice')}/control/seed`, {
    associates: others.map((name) => ({
      login: name,
      email: addressOf(name),
      fullName: name,
      password: samplePassword,
    })),
  });
}

/** Links a person; answers the mailbox key. */
export async function link(system: System, name: Name): Promise<string> {
  const url = `${system.simulatorUrl('superoffice')}/control/associates`;
  const associates = await call<{ id: number; login: string }[]>('GET', url);
  const associateId = associates.find(({ login }) => login === name)?.id;
  const body = { address: addressOf(name), associateId, zone: sampleZone };
  return (await settingsApi(system)<{ mailbox: string }>('POST', '/user-links', body)).mailbox;
}

export async function mailboxKeys(system: System): Promise<Readonly<Record<string, string>>> {
  const { userLinks } = await settingsApi(system)<{ userLinks: { address: string; mailbox: string }[] }>(
    'GET',
    '/user-links?limit=500',
  );
  return Object.fromEntries(userLinks.map(({ address, mailbox }) => [address.split('@')[0], mailbox]));
}
