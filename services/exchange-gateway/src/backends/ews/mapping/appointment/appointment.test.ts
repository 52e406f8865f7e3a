import type { AppointmentChanges, AppointmentContent, Item, LinkId, Stamp } from '@lockstep/contracts';
import type { ExchangeService } from 'ews-javascript-api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../../../config.ts';
import { sendBuilt } from '../../soap/request-builder.ts';
import { descend, readXml, textOf, type XmlElement } from '../../soap/xml-reader.ts';
import { itemOf, rowOf as rowOfKind } from '../item-of.ts';
import { stampPropertyName, stampPropertySetId } from '../stamp.ts';
import { changedItem, newItem, writesAnything } from '../written-item.ts';

const owner = 'Europe/Oslo';
const stamp: Stamp = { linkId: 'link-1' as LinkId, mailbox: 'aeaqcaibaeaqcaib' };

const item = (inner: string, name = 'CalendarItem') =>
  readXml(
    `<t:${name}><t:ItemId Id="id" ChangeKey="ck"/>${inner}</t:${name}>`.replace(
      /<t:Zone>([^<]*)<\/t:Zone>/,
      '<t:StartTimeZone Id="$1"/>',
    ),
  );
const at = (start: string, end: string, zone?: string, allDay = false) =>
  `<t:Start>${start}</t:Start><t:End>${end}</t:End><t:IsAllDayEvent>${allDay}</t:IsAllDayEvent>${zone === undefined ? '' : `<t:Zone>${zone}</t:Zone>`}`;
const nine = at('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z');
const appointmentOf = (element: XmlElement, zone: string) =>
  itemOf('appointment', element, zone) as Item<AppointmentContent> | undefined;
const rowOf = (element: XmlElement) => rowOfKind('appointment', element);
const timeOf = (inner: string, zone = owner) => appointmentOf(item(inner), zone)?.content.time;

const { maxTextBytes } = gatewayConfig.items;

describe('an item of Exchange', () => {
  test('gives an appointment with standard values for what is left out', () => {
    expect(appointmentOf(item(nine), owner)).toEqual({
      kind: 'appointment',
      id: 'id',
      version: 'ck',
      shape: 'single',
      content: {
        title: '',
        time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:00:00.000Z' },
        location: '',
        text: { format: 'plain', content: '' },
        busy: 'busy',
        privacy: 'normal',
      },
    });
  });

  test('without an id or a time is no appointment', () => {
    expect(appointmentOf(readXml(`<t:CalendarItem>${nine}</t:CalendarItem>`), owner)).toBeUndefined();
    expect(appointmentOf(item('<t:Start>tomorrow</t:Start>'), owner)).toBeUndefined();
  });

  test('is read in its own zone, in the owner’s where both are the same to Windows', () => {
    expect(timeOf(at('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z', 'W. Europe Standard Time'))).toMatchObject({
      zone: owner,
    });
    expect(
      timeOf(at('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z', 'W. Europe Standard Time'), 'Asia/Tokyo'),
    ).toMatchObject({
      zone: 'Europe/Berlin',
    });
    expect(timeOf(at('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z', 'Customized Time Zone'))).not.toHaveProperty(
      'zone',
    );
  });

  test('offsets and missing offsets become UTC', () => {
    expect(timeOf(at('2026-03-02T09:00:00+01:00', '2026-03-02T09:00:00'))).toMatchObject({
      start: '2026-03-02T08:00:00.000Z',
      end: '2026-03-02T09:00:00.000Z',
    });
  });

  test('whole days are those of its zone, across a clock change too', () => {
    // Norway changes its clocks on 29 March 2026: that day has 23 hours.
    const days = at('2026-03-27T23:00:00Z', '2026-03-29T22:00:00Z', 'W. Europe Standard Time', true);
    expect(timeOf(days)).toEqual({ kind: 'all-day', firstDate: '2026-03-28', lastDate: '2026-03-29', zone: owner });
  });

  test('whole days made by a client that names no fitting zone are the owner’s', () => {
    const days = { kind: 'all-day', firstDate: '2026-07-01', lastDate: '2026-07-01', zone: owner };
    expect(timeOf(at('2026-06-30T22:00:00Z', '2026-07-01T22:00:00Z', 'UTC', true))).toEqual(days);
    expect(timeOf(at('2026-06-30T22:00:00Z', '2026-07-01T22:00:00Z', undefined, true))).toEqual(days);
  });

  test('unknown words are kept as Exchange writes them', () => {
    const inner = `<t:Sensitivity>Secret</t:Sensitivity>${nine}<t:LegacyFreeBusyStatus>NoData</t:LegacyFreeBusyStatus>`;
    expect(appointmentOf(item(inner), owner)?.content).toMatchObject({ busy: 'NoData', privacy: 'Secret' });
  });

  test.each([
    ['<t:CalendarItemType>Single</t:CalendarItemType>', 'CalendarItem', 'single'],
    ['<t:IsMeeting>true</t:IsMeeting><t:CalendarItemType>Single</t:CalendarItemType>', 'CalendarItem', 'meeting'],
    ['<t:CalendarItemType>RecurringMaster</t:CalendarItemType>', 'CalendarItem', 'series'],
    ['<t:CalendarItemType>Exception</t:CalendarItemType>', 'CalendarItem', 'occurrence'],
    ['', 'Message', 'other'],
  ])('%s in a %s is a %s', (inner, name, shape) => {
    expect(rowOf(item(inner, name))?.shape).toBe(shape);
  });

  test('a text longer than a message holds is cut and marked, always at the same place and never inside a character', () => {
    const long = `x${'🙂'.repeat(maxTextBytes / 4)}`;
    const read = appointmentOf(item(`<t:Body BodyType="HTML">${long}</t:Body>${nine}`), owner)?.content.text;
    expect(read).toMatchObject({ format: 'html', truncated: true });
    expect(long.startsWith(read?.content ?? '-')).toBe(true);
    expect(read?.content.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(read?.content))).toBeLessThanOrEqual(maxTextBytes);
    const exact = 'x'.repeat(maxTextBytes - 2);
    expect(appointmentOf(item(`<t:Body BodyType="Text">${exact}</t:Body>${nine}`), owner)?.content.text).toEqual({
      format: 'plain',
      content: exact,
    });
  });

  test('bears a stamp only when the property is ours and whole', () => {
    const property = (value: string, set = stampPropertySetId, name = stampPropertyName) =>
      item(
        `<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="${set}" PropertyName="${name}" PropertyType="String"/><t:Value>${value}</t:Value></t:ExtendedProperty>`,
      );
    expect(rowOf(property('link-1/aeaqcaibaeaqcaib'))?.stamp).toEqual(stamp);
    expect(rowOf(property('link-1/aeaqcaibaeaqcaib', stampPropertySetId.toUpperCase()))?.stamp).toEqual(stamp);
    expect(rowOf(property('link-1'))?.stamp).toBeUndefined();
    expect(rowOf(property('a/b/c'))?.stamp).toBeUndefined();
    expect(rowOf(property('a/b', 'c11ff724-aa03-4555-9952-8fa248a11c3e'))?.stamp).toBeUndefined();
  });
});

const content: AppointmentContent = {
  title: 'Møte',
  time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:00:00.000Z', zone: owner },
  location: '',
  text: { format: 'plain', content: 'text' },
  busy: 'free',
  privacy: 'private',
};

async function created(changes: AppointmentContent = content): Promise<XmlElement> {
  const build = (service: ExchangeService) =>
    service.CreateItems([newItem(service, 'appointment', changes, stamp, owner)], null as never, null as never, 0);
  const request = await sendBuilt({ kind: 'account' }, build, async (body) => readXml(body));
  const written = descend(request, 'Body', 'CreateItem', 'Items', 'CalendarItem');
  if (written === undefined) throw new Error('no item in the request');
  return written;
}

describe('an appointment', () => {
  test('is written so that it is read as it was', async () => {
    const written = await created();
    const zone = written.children.find((child) => child.name === 'StartTimeZone');
    expect(zone?.attributes['Id']).toBe('W. Europe Standard Time');
    const inner = { ...written, children: [...written.children, ...item('').children] };
    expect(appointmentOf(inner, owner)?.content).toEqual(content);
    expect(rowOf(inner)?.stamp).toEqual(stamp);
  });

  test('any text survives, but for what XML cannot hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (title) => {
        expect(textOf(await created({ ...content, title }), 'Subject')).toBe(title);
      }),
      { numRuns: 50 },
    );
    expect(textOf(await created({ ...content, title: 'a\u0000b\u000bc\ud800d' }), 'Subject')).toBe('abcd');
  });

  test('days are written as midnights of their zone, with an exclusive end', async () => {
    const time = { kind: 'all-day', firstDate: '2026-03-28', lastDate: '2026-03-29', zone: owner } as const;
    const written = await created({ ...content, time });
    expect(textOf(written, 'IsAllDayEvent')).toBe('true');
    expect(new Date(textOf(written, 'Start') ?? '').toISOString()).toBe('2026-03-27T23:00:00.000Z');
    expect(new Date(textOf(written, 'End') ?? '').toISOString()).toBe('2026-03-29T22:00:00.000Z');
  });

  test('a zone that Windows does not know gives way to the owner’s', async () => {
    const time = { ...content.time, zone: 'Etc/Unknown' };
    const written = await created({ ...content, time });
    expect(written.children.find((child) => child.name === 'StartTimeZone')?.attributes['Id']).toBe(
      'W. Europe Standard Time',
    );
  });

  test('an unknown word or a truncated text is not written', async () => {
    const changes = { ...content, busy: 'NoData', privacy: 'Secret', text: { ...content.text, truncated: true } };
    const names = (await created(changes)).children.map((child) => child.name);
    expect(names).not.toContain('LegacyFreeBusyStatus');
    expect(names).not.toContain('Sensitivity');
    expect(names).not.toContain('Body');
    expect(writesAnything('appointment', { changes: { busy: 'NoData' } })).toBe(false);
  });
});

describe('an update', () => {
  const updated = async (write: {
    readonly changes?: AppointmentChanges;
    readonly stamp?: Stamp;
  }): Promise<readonly string[]> => {
    const build = (service: ExchangeService) =>
      service.UpdateItems(
        [changedItem(service, 'appointment', { id: 'id', version: 'ck' }, write, owner)],
        null as never,
        1,
        1,
        1,
      );
    const request = await sendBuilt({ kind: 'account' }, build, async (body) => readXml(body));
    const change = descend(request, 'Body', 'UpdateItem', 'ItemChanges', 'ItemChange');
    expect(change?.children[0]?.attributes).toEqual({ Id: 'id', ChangeKey: 'ck' });
    const updates = change?.children[1]?.children ?? [];
    return updates.map((update) => update.children[0]?.attributes['FieldURI'] ?? 'stamp');
  };

  test('names only what is to be written, each once', async () => {
    expect(await updated({ changes: { title: 'x' } })).toEqual(['item:Subject']);
    expect(await updated({ changes: { location: '' }, stamp })).toEqual(['calendar:Location', 'stamp']);
  });

  test('sets the zone before the times, and start and end together', async () => {
    expect(await updated({ changes: { time: content.time } })).toEqual([
      'calendar:StartTimeZone',
      'calendar:EndTimeZone',
      'calendar:IsAllDayEvent',
      'calendar:Start',
      'calendar:End',
    ]);
  });

  test('leaves the zone of the item alone when the other side keeps none', async () => {
    const { zone: _, ...withoutZone } = content.time as typeof content.time & { zone: string };
    expect(await updated({ changes: { time: withoutZone as typeof content.time } })).toEqual([
      'calendar:IsAllDayEvent',
      'calendar:Start',
      'calendar:End',
    ]);
  });
});
