import { codedError, type MailboxKey, type ZoneName } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import { placed } from './group-record.ts';
import { groupsOf } from './groups.ts';
import { delayAfter } from './retry.ts';

const served = { name: 'one' } as Backend;
const watchedOf = (...keys: readonly string[]) =>
  new Map(
    keys.map((key) => [
      key as MailboxKey,
      { mailbox: { key: key as MailboxKey, address: key, zone: 'UTC' as ZoneName }, backend: served },
    ]),
  );
const wantedOf = (...keys: readonly string[]) => new Map(keys.map((key) => [key as MailboxKey, 'one']));
const linkedOf = (...keys: readonly string[]) => new Set(keys as readonly MailboxKey[]);
const group = (id: string, ...members: readonly string[]) => ({ id, backend: 'one', members: [...members] });

describe('groups', () => {
  test('who has a place keeps it; a new one joins the last group with room, or begins another', () => {
    const first = placed([], wantedOf('c', 'b', 'd'), linkedOf('b', 'c', 'd'), 2) ?? [];
    expect(first).toEqual([group('one-0', 'c', 'b'), group('one-1', 'd')]);
    const joined = placed(first, wantedOf('a', 'b', 'c', 'd'), linkedOf('a', 'b', 'c', 'd'), 2) ?? [];
    expect(joined).toEqual([group('one-0', 'c', 'b'), group('one-1', 'd', 'a')]);
    expect(placed(joined, wantedOf('a', 'b', 'c', 'd', 'e'), linkedOf('a', 'b', 'c', 'd', 'e'), 2)).toEqual([
      ...joined,
      group('one-2', 'e'),
    ]);
  });

  test('nothing is written when somebody leaves; the place of one who is not linked any more is given again', () => {
    const stored = [group('one-0', 'a', 'b'), group('one-1', 'c', 'd')];
    expect(placed(stored, wantedOf('b', 'c'), linkedOf('b', 'c'), 2)).toBeUndefined();
    expect(placed(stored, wantedOf('b', 'c', 'e'), linkedOf('b', 'c', 'd', 'e'), 2)).toEqual([
      group('one-0', 'b', 'e'),
      group('one-1', 'c', 'd'),
    ]);
  });

  test('hold who is watched at present, those of one stored group together', () => {
    const stored = [group('one-0', 'a', 'b'), group('one-1', 'c'), { ...group('two-0', 'd'), backend: 'two' }];
    const groups = groupsOf(stored, watchedOf('b', 'a', 'd'));
    expect(groups.map(({ id, members }) => [id, members.map(({ key }) => key)])).toEqual([['one-0', ['a', 'b']]]);
  });
});

describe('the delay before a new attempt', () => {
  const bounds = { baseMs: 1_000, maxMs: 60_000, maxHintMs: 900_000 };
  const most = () => 1;

  test('grows with the failures, up to its bound, and is never less than the pause that was asked for', () => {
    const delays = [1, 2, 3, 7, 50].map((failures) => delayAfter(failures, undefined, bounds, most));
    expect(delays).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
    expect(delayAfter(1, codedError('exchange-busy', { backOffMs: 300_000 }), bounds, () => 0)).toBe(300_000);
    expect(delayAfter(1, codedError('exchange-busy', { backOffMs: 2 ** 31 - 1 }), bounds, () => 0)).toBe(900_000);
  });

  test('does not grow while the governor is away', () => {
    expect(delayAfter(9, codedError('governor-lapsed'), bounds, most)).toBe(1_000);
    expect(delayAfter(9, codedError('exchange-unreachable'), bounds, most)).toBe(60_000);
  });
});
