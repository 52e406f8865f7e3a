// All calendars and diaries of a saved release at one moment, each item with the version that moves when it is written.
import { call } from '../../../scripts/system/provision.ts';

export interface Held {
  readonly id: string;
  readonly title: string;
  readonly version: string;
}
export interface Calendars {
  readonly exchange: readonly Held[];
  readonly superoffice: readonly Held[];
}
export type ByPerson = ReadonlyMap<string, Calendars>;

export interface SimulatorUrls {
  readonly exchange: string;
  readonly superoffice: string;
}

export async function calendarsOf(people: readonly string[], urls: SimulatorUrls): Promise<ByPerson> {
  const read = async (person: string) => [person, await calendarOf(person, urls)] as const;
  return new Map(await Promise.all(people.map(read)));
}

async function calendarOf(person: string, urls: SimulatorUrls): Promise<Calendars> {
  const [items, rows] = await Promise.all([
    call<{ id: string; subject: string; changeKey: string }[]>(
      'GET',
      `${urls.exchange}/control/mailboxes/${person}@lockstep.test/calendar/items`,
    ),
    call<{ id: number; title: string; updated: string | null; updatedCount: number }[]>(
      'GET',
      `${urls.superoffice}/control/appointments?associate=${person}`,
    ),
  ]);
  return {
    exchange: items.map(({ id, subject: title, changeKey: version }) => ({ id, title, version })),
    superoffice: rows.map(({ id, title, updated, updatedCount }) => ({
      id: String(id),
      title,
      version: `${updated}/${updatedCount}`,
    })),
  };
}

export const titlesOf = (held: readonly Held[]): readonly string[] => held.map(({ title }) => title).sort();
