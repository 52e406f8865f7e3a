// The two simulators as their users see them: Outlook users and people in the SuperOffice web client.
import { addDays, dateIn, plainText } from '@lockstep/items';
import { call } from '../../../scripts/system/provision.ts';

/** An appointment in the words that both sides share; what the tests compare. */
export interface Shown {
  readonly title: string;
  readonly when: string;
  readonly location: string;
  readonly text: string;
  readonly free: boolean;
}

export interface ExchangeItem {
  readonly id: string;
  readonly urlId: string;
  readonly changeKey: string;
  readonly subject: string;
  readonly body: { readonly format: string; readonly text: string } | null;
  readonly start: string;
  readonly end: string;
  readonly timeZone: string;
  readonly isAllDay: boolean;
  readonly location: string;
  readonly busy: string;
}

export interface SuperOfficeRow {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly start: string;
  readonly end: string;
  readonly isAllDay: boolean;
  readonly isFree: boolean;
  readonly location: string;
  readonly updatedCount: number;
}

const zone = 'Europe/Oslo';

/** The calendar of one mailbox, changed as its user would in Outlook. */
export class ExchangeCalendar {
  private readonly url: string;

  constructor(simulatorUrl: string, address: string) {
    this.url = `${simulatorUrl}/control/mailboxes/${address}/calendar/items`;
  }

  items(): Promise<readonly ExchangeItem[]> {
    return call<ExchangeItem[]>('GET', this.url);
  }

  create(item: Record<string, unknown>): Promise<ExchangeItem> {
    return call('POST', this.url, item);
  }

  change(item: ExchangeItem, changes: Record<string, unknown>): Promise<ExchangeItem> {
    return call('PATCH', `${this.url}/${item.urlId}`, changes);
  }

  delete(item: ExchangeItem): Promise<void> {
    return call('DELETE', `${this.url}/${item.urlId}`);
  }
}

/** The diary of one associate, changed as a person would in the web client. */
export class SuperOfficeDiary {
  private readonly url: string;
  private readonly associate: string;

  constructor(simulatorUrl: string, associate: string) {
    this.url = `${simulatorUrl}/control/appointments`;
    this.associate = associate;
  }

  rows(): Promise<readonly SuperOfficeRow[]> {
    return call<SuperOfficeRow[]>('GET', `${this.url}?associate=${this.associate}`);
  }

  create(row: Record<string, unknown>): Promise<SuperOfficeRow> {
    return call('POST', this.url, { associate: this.associate, ...row });
  }

  change(id: number, changes: Record<string, unknown>): Promise<SuperOfficeRow> {
    return call('PATCH', `${this.url}/${id}`, { as: this.associate, ...changes });
  }

  delete(id: number): Promise<void> {
    return call('DELETE', `${this.url}/${id}?as=${this.associate}`);
  }
}

export function shownInExchange(item: ExchangeItem): Shown {
  const format = item.body?.format === 'HTML' ? 'html' : 'plain';
  return {
    title: item.subject,
    when: item.isAllDay ? days(item.start, addDays(dateIn(item.end, zone), -1)) : span(item.start, item.end),
    location: item.location,
    text: plainText({ format, content: item.body?.text ?? '' }),
    free: item.busy === 'Free',
  };
}

export function shownInSuperOffice(row: SuperOfficeRow): Shown {
  return {
    title: row.title,
    when: row.isAllDay ? days(row.start, lastDay(row)) : span(row.start, row.end),
    location: row.location,
    text: plainText({ format: 'plain', content: row.description === row.title ? '' : row.description }),
    free: row.isFree,
  };
}

/** Both calendars as their users see them, in an order of their own. */
export async function bothSides(exchange: ExchangeCalendar, superoffice: SuperOfficeDiary) {
  const order = (a: Shown, b: Shown) => JSON.stringify(a).localeCompare(JSON.stringify(b));
  const [items, rows] = await Promise.all([exchange.items(), superoffice.rows()]);
  return { exchange: items.map(shownInExchange).sort(order), superoffice: rows.map(shownInSuperOffice).sort(order) };
}

function span(start: string, end: string): string {
  return `${new Date(start).toISOString()} – ${new Date(end).toISOString()}`;
}

function days(start: string, last: string): string {
  return `${dateIn(new Date(start).toISOString(), zone)} – ${last}`;
}

/** An end at midnight belongs to the day before. */
function lastDay(row: SuperOfficeRow): string {
  const justBefore = Math.max(Date.parse(row.end) - 1, Date.parse(row.start));
  return dateIn(new Date(justBefore).toISOString(), zone);
}
