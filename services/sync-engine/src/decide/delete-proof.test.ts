import type { Side } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { judge, type Proof } from './delete-proof.ts';

const now = '2026-11-22T12:01:00.000Z';
const proofGapMs = 60_000;
const proof: Proof = { byStamp: [], readable: true, deleteRecord: 'none' };
const verdict = (side: Side, changes: Partial<Proof>, since?: string) =>
  judge(side, { ...proof, ...changes }, { since, now, proofGapMs }).kind;

describe('a delete in Exchange', () => {
  it('is proved by a folder in which we may do everything and that does not show the item', () => {
    expect(verdict('exchange', {})).toBe('gone');
  });

  it('is not proved while the folder cannot be read with every right that we need', () => {
    expect(verdict('exchange', { readable: false })).toBe('failed');
  });

  it('is none when the item bears its stamp under another id', () => {
    expect(judge('exchange', { ...proof, byStamp: ['b'] }, { since: undefined, now, proofGapMs })).toEqual({
      kind: 'moved',
      id: 'b',
    });
  });
});

describe('a delete in SuperOffice', () => {
  it('is proved by a record of it', () => {
    expect(verdict('superoffice', { deleteRecord: 'found' })).toBe('gone');
  });

  it.each(['none', 'unreadable'] as const)('is only suspected the first time when its record is %s', (deleteRecord) => {
    expect(verdict('superoffice', { deleteRecord })).toBe('suspected');
    expect(verdict('superoffice', { deleteRecord }, '2026-11-22T12:00:00.001Z')).toBe('suspected');
    expect(verdict('superoffice', { deleteRecord }, '2026-11-22T12:00:00.000Z')).toBe('gone');
  });

  it('is not proved while our own principal cannot be read, whatever the log says', () => {
    expect(verdict('superoffice', { readable: false, deleteRecord: 'found' }, '2026-11-22T11:00:00.000Z')).toBe(
      'failed',
    );
  });
});
