import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { exchangeItems, superofficeItems } from './side-operations.ts';

const call = { mailbox: 'abcdefghijklmnop', priority: 'change' };
const stamp = { linkId: 'l', mailbox: 'abcdefghijklmnop' };
const task = {
  title: 'Call back',
  startDate: null,
  dueDate: '2026-11-26',
  status: 'not-started',
  priority: 'normal',
  text: { format: 'plain', content: '' },
  privacy: 'normal',
};

describe('the operations of a side', () => {
  it('take the content of the kind that they name, and no other', () => {
    const create = Compile(exchangeItems.create.request);
    expect(create.Check({ ...call, kind: 'task', content: task, stamp })).toBe(true);
    expect(create.Check({ ...call, kind: 'appointment', content: task, stamp })).toBe(false);
    expect(create.Check({ ...call, kind: 'task', content: { ...task, dueDate: 'soon' }, stamp })).toBe(false);
  });

  it('take any part of the content as changes, checked field by field', () => {
    const write = Compile(exchangeItems.write.request);
    const item = { ...call, kind: 'task', id: '1', version: 'v' };
    expect(write.Check({ ...item, changes: { status: 'completed' } })).toBe(true);
    expect(write.Check({ ...item, changes: { title: 7 } })).toBe(false);
  });

  it('refuse a kind that this release does not know', () => {
    const read = Compile(exchangeItems.read.request);
    expect(read.Check({ ...call, kind: 'task', ids: ['1'] })).toBe(true);
    expect(read.Check({ ...call, kind: 'letter', ids: ['1'] })).toBe(false);
  });

  it('check the content of each item that is read', () => {
    const reply = Compile(superofficeItems.read.reply);
    const item = { kind: 'task', id: '1', version: 'v', shape: 'single' };
    expect(reply.Check({ results: [{ kind: 'found', item: { ...item, content: task } }] })).toBe(true);
    expect(reply.Check({ results: [{ kind: 'found', item: { ...item, content: { title: 'x' } } }] })).toBe(false);
  });

  it('are the same on both sides, each under its own subjects', () => {
    expect(Object.keys(exchangeItems)).toEqual(Object.keys(superofficeItems));
    expect(exchangeItems.findByStamp.subject).toBe('lockstep.v1.exchange.find-by-stamp');
    expect(superofficeItems.findByStamp.subject).toBe('lockstep.v1.superoffice.find-by-stamp');
  });
});
