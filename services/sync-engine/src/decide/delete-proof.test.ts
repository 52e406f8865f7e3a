import { describe, expect, it } from 'vitest';
import { type Evidence, judge } from './delete-proof.ts';

const now = '2026-11-22T12:01:00.000Z';
const proofGapMs = 60_000;
const rights = { read: true, create: true, modify: true, delete: true };
const fromExchange: Evidence = { side: 'exchange', byStamp: [], rights };
const fromSuperOffice: Evidence = { side: 'superoffice', byStamp: [], principalRead: true, deleteRecord: 'found' };
const verdict = (evidence: Evidence, since?: string) => judge(evidence, { since, now, proofGapMs }).kind;

describe('a delete in Exchange', () => {
  it('is proved by a folder in which we may do everything and that does not show the item', () => {
    expect(verdict(fromExchange)).toBe('gone');
  });

  it.each(['read', 'create', 'modify', 'delete'] as const)('is not proved without the right to %s', (right) => {
    expect(verdict({ ...fromExchange, rights: { ...rights, [right]: false } })).toBe('failed');
  });

  it('is none when the item bears its stamp under another id', () => {
    expect(judge({ ...fromExchange, byStamp: ['b'] }, { since: undefined, now, proofGapMs })).toEqual({
      kind: 'moved',
      id: 'b',
    });
  });
});

describe('a delete in SuperOffice', () => {
  it('is proved by a record of it', () => {
    expect(verdict(fromSuperOffice)).toBe('gone');
  });

  it.each(['none', 'unreadable'] as const)('is only suspected the first time when its record is %s', (deleteRecord) => {
    expect(verdict({ ...fromSuperOffice, deleteRecord })).toBe('suspected');
    expect(verdict({ ...fromSuperOffice, deleteRecord }, '2026-11-22T12:00:00.001Z')).toBe('suspected');
    expect(verdict({ ...fromSuperOffice, deleteRecord }, '2026-11-22T12:00:00.000Z')).toBe('gone');
  });

  it('is not proved while our own principal cannot be read, whatever the log says', () => {
    expect(verdict({ ...fromSuperOffice, principalRead: false }, '2026-11-22T11:00:00.000Z')).toBe('failed');
  });
});
