import { codedError, type MailboxKey } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import { groupsOf } from './groups.ts';
import { retryPauseMs } from './retry-pause.ts';

const backend = (name: string) => ({ name }) as Backend;
const of = (served: Backend, ...addresses: readonly string[]) =>
  addresses.map((address) => ({
    mailbox: { key: `k${address}` as MailboxKey, address, zone: 'UTC' },
    backend: served,
  }));

describe('groups', () => {
  test('hold mailboxes in order of address, at most so many each, those of one backend together', () => {
    const [one, other] = [backend('one'), backend('other')];
    const groups = groupsOf([...of(one, 'd', 'a'), ...of(other, 'aa'), ...of(one, 'c', 'e', 'b')], 2);
    expect(groups.map((group) => group.members.map((member) => member.address))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      ['aa'],
    ]);
    expect(groups.map((group) => group.id)).toEqual(['one-0', 'one-1', 'one-2', 'other-0']);
  });

  test('there are none without mailboxes', () => {
    expect(groupsOf([])).toEqual([]);
  });
});

describe('the pause before a new attempt', () => {
  const bounds = { firstMs: 1_000, longestMs: 60_000 };

  test('doubles up to its bound, is never less than asked for, and is spread', () => {
    const pauses = [1, 2, 3, 7, 50].map((failures) => retryPauseMs(failures, undefined, bounds, 0));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
    expect(retryPauseMs(1, codedError('exchange-busy', { backOffMs: 300_000 }), bounds, 0)).toBe(300_000);
    expect(retryPauseMs(1, undefined, bounds, 1)).toBe(1_200);
  });

  test('does not grow while the governor is away', () => {
    expect(retryPauseMs(9, codedError('governor-lapsed'), bounds, 0)).toBe(1_000);
    expect(retryPauseMs(9, codedError('exchange-unreachable'), bounds, 0)).toBe(60_000);
  });
});
