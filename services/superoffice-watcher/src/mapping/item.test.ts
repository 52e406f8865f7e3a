import type { AppointmentContent } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import type { AppointmentEntity } from '../client/entities.ts';
import { readItem } from './item.ts';

const oslo = { zone: 'Europe/Oslo', ownAssociateId: 99 };

const row: AppointmentEntity = {
  AppointmentId: 4711,
  Title: 'Contract review',
  Description: 'Bring the draft',
  StartDate: '2026-11-12T08:00:00Z',
  EndDate: '2026-11-12T09:00:00Z',
  IsAlldayEvent: false,
  IsFree: false,
  Location: 'Room 3',
  Private: 'Public',
  VisibleFor: [{ VisibleId: 0, Visibility: 'All' }],
  Type: 'inDiary',
  MotherId: 0,
  Associate: { AssociateId: 12 },
  Recurrence: { RecurrenceId: 0, IsRecurrence: false },
  CreatedDate: '2026-11-02T08:14:09Z',
  CreatedBy: { AssociateId: 12 },
  UpdatedDate: '0001-01-01T00:00:00Z',
  UpdatedBy: null,
};

function read(change: Partial<AppointmentEntity>, reader = oslo) {
  const outcome = readItem('appointment', { ...row, ...change }, reader);
  if (!outcome.ok) throw new Error(outcome.error.detail);
  return { ...outcome.value, content: outcome.value.content as AppointmentContent };
}

describe('reading an appointment', () => {
  it('gives the content of a plain row', () => {
    expect(read({})).toMatchObject({
      id: '4711',
      shape: 'single',
      createdAt: '2026-11-02T08:14:09.000Z',
      modifiedAt: '2026-11-02T08:14:09.000Z',
      modifiedByUs: false,
      content: {
        title: 'Contract review',
        time: { kind: 'timed', start: '2026-11-12T08:00:00.000Z', end: '2026-11-12T09:00:00.000Z' },
        location: 'Room 3',
        text: { format: 'plain', content: 'Bring the draft' },
        busy: 'busy',
        privacy: 'normal',
      },
    });
  });

  it('takes a description that repeats the title for no text', () => {
    expect(read({ Description: 'Contract review' }).content.text.content).toBe('');
  });

  it('reads title and text from the description where the server has no title', () => {
    const { content } = read({ Title: undefined, Description: 'Lunch\r\n\r\nBring cash' });
    expect([content.title, content.text.content]).toEqual(['Lunch', 'Bring cash']);
    expect(read({ Title: undefined, Description: 'Lunch' }).content.text.content).toBe('');
  });

  it('takes working hours with the all-day flag for whole days of the zone', () => {
    const time = { IsAlldayEvent: true, StartDate: '2026-11-12T07:00:00Z', EndDate: '2026-11-13T15:00:00Z' };
    expect(read(time).content.time).toEqual({ kind: 'all-day', firstDate: '2026-11-12', lastDate: '2026-11-13' });
  });

  it('counts an all-day end at local midnight as the day before', () => {
    const time = { IsAlldayEvent: true, StartDate: '2026-11-11T23:00:00Z', EndDate: '2026-11-12T23:00:00Z' };
    expect(read(time).content.time).toEqual({ kind: 'all-day', firstDate: '2026-11-12', lastDate: '2026-11-12' });
    const empty = { ...time, EndDate: time.StartDate };
    expect(read(empty).content.time).toEqual({ kind: 'all-day', firstDate: '2026-11-12', lastDate: '2026-11-12' });
  });

  it('ends an appointment no earlier than it starts', () => {
    const end = { EndDate: '0001-01-01T00:00:00Z' };
    expect(read(end).content.time).toMatchObject({ end: '2026-11-12T08:00:00.000Z' });
  });

  it('shows a row that only a group may see as private', () => {
    expect(read({ Private: 'PrivateGroup', VisibleFor: null }).content.privacy).toBe('private');
    expect(read({ VisibleFor: [{ VisibleId: 2, Visibility: 'Group' }] }).content.privacy).toBe('private');
  });

  it('tells series, meetings and what is no appointment from single ones', () => {
    expect(read({ Recurrence: { RecurrenceId: 5, IsRecurrence: true } }).shape).toBe('series');
    expect(read({ MotherId: 4711 }).shape).toBe('meeting');
    expect(read({ Type: 'inChecklist' }).shape).toBe('other');
    expect(read({ Type: 'Document' }).shape).toBe('other');
  });

  it('refuses a date without an offset instead of guessing its zone', () => {
    const outcome = readItem('appointment', { ...row, StartDate: '2026-11-12T08:00:00' }, oslo);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'superoffice-dates-without-offset' } });
    const damaged = readItem('appointment', { ...row, StartDate: 'tomorrow' }, oslo);
    expect(damaged).toMatchObject({ ok: false, error: { code: 'superoffice-reply-unreadable' } });
  });

  it('knows whether our own account changed it last', () => {
    expect(read({ UpdatedDate: '2026-11-12T08:00:00Z', UpdatedBy: { AssociateId: 99 } }).modifiedByUs).toBe(true);
    expect(read({ CreatedBy: { AssociateId: 99 } }).modifiedByUs).toBe(true);
  });
});

describe('the version', () => {
  it('has the update date, or the creation date of a row that was never updated', () => {
    expect(read({}).version).toMatch(/^2026-11-02T08:14:09\.000Z\/-\/.+$/);
    expect(read({ UpdatedDate: '2026-11-12T08:00:00Z' }).version).toMatch(/^2026-11-12T08:00:00\.000Z\/-\/.+$/);
  });

  it('changes with the content within one second, and with nothing else', () => {
    expect(read({ Title: 'Other' }).version).not.toBe(read({}).version);
    expect(read({ Type: 'inChecklist' }).version).toBe(read({}).version);
  });
});
