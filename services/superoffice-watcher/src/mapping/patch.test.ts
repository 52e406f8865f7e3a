import type { AppointmentChanges, AppointmentContent } from '@lockstep/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppointmentEntity } from '../client/entities.ts';
import { appointment } from './appointment.ts';
import { readItem } from './item.ts';
import { patchFor as patchOf } from './patch.ts';

const noLists = { priorities: [] };
const patchFor = (entity: AppointmentEntity, changes: AppointmentChanges, of: typeof owner) =>
  patchOf('appointment', entity, changes, of, noLists);
const newRow = (template: object, content: AppointmentContent, of: typeof owner) =>
  appointment.newRow({ ...template }, content, of, noLists);
const owner = { associateId: 12, zone: 'Europe/Oslo' };

const row: AppointmentEntity = {
  AppointmentId: 1,
  Title: 'Lunch',
  Description: '',
  StartDate: '2026-11-12T08:00:00Z',
  EndDate: '2026-11-12T09:00:00Z',
  IsAlldayEvent: false,
  IsFree: false,
  Location: null,
  Private: 'Public',
  VisibleFor: [{ VisibleId: 0, Visibility: 'All' }],
  Type: 'inDiary',
  CreatedDate: '2026-11-02T08:14:09Z',
};

function apply(before: AppointmentEntity, changes: AppointmentChanges): AppointmentEntity {
  const replaced = patchFor(before, changes, owner)
    .filter((operation) => operation.op === 'replace')
    .map((operation) => [operation.path.slice(1), operation.value]);
  return { ...before, ...Object.fromEntries(replaced) };
}

function contentOf(entity: AppointmentEntity): AppointmentContent {
  const outcome = readItem('appointment', entity, { zone: owner.zone, ownAssociateId: undefined });
  if (!outcome.ok) throw new Error(outcome.error.detail);
  return outcome.value.content as AppointmentContent;
}

const plain = (content: string) => ({ format: 'plain' as const, content });

describe('a patch', () => {
  it('tests each field that it replaces for the value that was read', () => {
    expect(patchFor(row, { title: 'Dinner', location: 'Room 3' }, owner)).toEqual([
      { op: 'test', path: '/Title', value: 'Lunch' },
      { op: 'test', path: '/Location', value: null },
      { op: 'replace', path: '/Title', value: 'Dinner' },
      { op: 'replace', path: '/Location', value: 'Room 3' },
    ]);
  });

  it('is empty when the row says so already', () => {
    const time = { kind: 'timed', start: '2026-11-12T08:00:00.250Z', end: '2026-11-12T09:00:00.000Z' } as const;
    const same = { title: 'Lunch', text: plain(' \n'), location: '', busy: 'tentative', privacy: 'personal', time };
    expect(patchFor(row, same, owner)).toEqual([]);
  });

  it('writes every busy state but free as not free, and never an unknown one', () => {
    expect(patchFor({ ...row, IsFree: true }, { busy: 'out-of-office' }, owner)).toHaveLength(2);
    expect(patchFor({ ...row, IsFree: true }, { busy: 'Snoozing' }, owner)).toEqual([]);
  });

  it('never makes visible to all what only a group may see', () => {
    const group = { ...row, Private: 'PrivateGroup', VisibleFor: [{ VisibleId: 2, Visibility: 'Group' }] };
    expect(patchFor(group, { privacy: 'normal' }, owner)).toEqual([]);
    expect(patchFor(group, { privacy: 'private' }, owner)).toEqual([]);
  });

  it('hides a row for its owner alone, and shows it again', () => {
    const hidden = apply(row, { privacy: 'confidential' });
    expect(hidden).toMatchObject({ Private: 'PrivateUser', VisibleFor: [{ VisibleId: 12, Visibility: 'Associate' }] });
    expect(apply(hidden, { privacy: 'normal' })).toMatchObject({ Private: 'Public' });
  });

  it('keeps a description that repeats the title in step with it', () => {
    const old = { ...row, Description: 'Lunch' };
    expect(contentOf(apply(old, { title: 'Dinner' }))).toMatchObject({ title: 'Dinner', text: plain('') });
  });

  it('does not lose a text that equals the title', () => {
    expect(contentOf(apply(row, { text: plain('Lunch') })).text.content.trim()).toBe('Lunch');
    expect(contentOf(apply({ ...row, Description: 'Dinner' }, { title: 'Dinner' })).text.content.trim()).toBe('Dinner');
  });

  it('turns formatted text into plain text', () => {
    const changed = apply(row, { text: { format: 'html', content: '<p>R&amp;D <b>now</b></p>' } });
    expect(changed.Description).toBe('R&D now');
  });

  it('cuts a location to what SuperOffice takes, never through a character', () => {
    const changed = apply(row, { location: `${'x'.repeat(253)}🙂` });
    expect(changed.Location).toBe('x'.repeat(253));
  });

  it('leaves the hours of an all-day row alone while its days stay', () => {
    const old = { ...row, IsAlldayEvent: true, StartDate: '2026-11-11T23:00:00Z', EndDate: '2026-11-12T22:59:00Z' };
    const time = { kind: 'all-day', firstDate: '2026-11-12', lastDate: '2026-11-12' } as const;
    expect(patchFor(old, { time }, owner)).toEqual([]);
  });
});

describe('a new row', () => {
  const content: AppointmentContent = {
    title: 'R&D <"x"> 🙂 Ærø',
    time: { kind: 'all-day', firstDate: '2026-03-29', lastDate: '2026-03-30' },
    location: 'Room 3',
    text: plain('Line 1\nLine 2'),
    busy: 'free',
    privacy: 'private',
  };
  const template = {
    AppointmentId: 0,
    Title: '',
    Associate: { AssociateId: 99 },
    Task: { TaskListItemId: 2 },
    HasAlarm: true,
    Type: 'Unknown',
  };

  it('keeps the template, sets the owner and rings no alarm', () => {
    expect(newRow(template, content, owner)).toMatchObject({
      AppointmentId: 0,
      Associate: { AssociateId: 12 },
      Task: { TaskListItemId: 2 },
      Type: 'inDiary',
      HasAlarm: false,
      ActiveDate: '2026-03-29T07:00:00Z',
    });
  });

  it('reads back as what was written', () => {
    const entity = { ...newRow(template, content, owner), AppointmentId: 1 } as AppointmentEntity;
    expect(contentOf(entity)).toEqual(content);
  });

  it('without a title does not get its text as the title', () => {
    expect(newRow(template, { ...content, title: '' }, owner)).toMatchObject({
      Title: ' ',
      Description: content.text.content,
    });
  });

  it('keeps its days in any zone on any date', () => {
    const zones = ['Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'Africa/Cairo', 'UTC'];
    const day = fc
      .integer({ min: 0, max: 3650 })
      .map((n) => new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...zones), day, (zone, date) => {
        const time = { kind: 'all-day', firstDate: date, lastDate: date } as const;
        const entity = { ...newRow(template, { ...content, time }, { ...owner, zone }), AppointmentId: 1 };
        const read = readItem('appointment', entity as AppointmentEntity, { zone, ownAssociateId: undefined });
        return read.ok && JSON.stringify(read.value.content['time']) === JSON.stringify(time);
      }),
    );
  });
});
