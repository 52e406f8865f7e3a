import type { Evidence } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { judge, type Missing } from './delete-proof.ts';

const now = '2026-11-22T12:01:00.000Z';
const proofGapMs = 60_000;
const noRecord: Evidence = { readable: true, deleteRecord: 'none' };

describe.each(['exchange', 'superoffice'] as const)('a delete in %s', (side) => {
  const missing: Missing = { side, id: 'a', byStamp: [], named: false, since: undefined };
  const verdict = (changes: Partial<Missing>, evidence: Evidence = noRecord) =>
    judge({ ...missing, ...changes }, evidence, now, proofGapMs).kind;

  it('is proved by a record of it', () => {
    expect(verdict({}, { readable: true, deleteRecord: 'found' })).toBe('gone');
  });

  it('is proved when the side itself named it', () => {
    expect(verdict({ named: true })).toBe('gone');
  });

  it.each(['none', 'unreadable'] as const)('is only suspected the first time when its record is %s', (deleteRecord) => {
    const evidence = { readable: true, deleteRecord };
    expect(verdict({}, evidence)).toBe('suspected');
    expect(verdict({ since: '2026-11-22T12:00:00.001Z' }, evidence)).toBe('suspected');
    expect(verdict({ since: '2026-11-22T12:00:00.000Z' }, evidence)).toBe('gone');
  });

  it('is none when a search by its stamp lists it, whatever else speaks for it', () => {
    const everything = { named: true, since: '2026-11-22T11:00:00.000Z' };
    const found: Evidence = { readable: true, deleteRecord: 'found' };
    expect(verdict({ ...everything, byStamp: ['a'] }, found)).toBe('alive');
    expect(verdict({ ...everything, byStamp: ['b', 'a'] }, found)).toBe('alive');
  });

  it('is none when the item bears its stamp under another id', () => {
    expect(judge({ ...missing, byStamp: ['b'] }, noRecord, now, proofGapMs)).toEqual({ kind: 'moved', id: 'b' });
  });

  it('is not proved while we could not have seen it, whatever speaks for it', () => {
    const blind: Evidence = { readable: false, deleteRecord: 'found' };
    expect(verdict({ named: true, since: '2026-11-22T11:00:00.000Z' }, blind)).toBe('failed');
  });
});
