import { codedError, type MailboxKey, type UserLink } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { groupsOf } from './groups.ts';
import { retryPauseMs } from './retry-pause.ts';

const link = (address: string, enabled = true): UserLink => ({
  mailbox: `k${address}` as MailboxKey,
  address,
  associateId: 1,
  zone: 'UTC',
  enabled,
  linkedAt: '2026-01-01T00:00:00.000Z',
});

describe('groups', () => {
  test('hold the enabled links in order of address, at most so many each', () => {
    const links = ['d', 'a', 'c', 'e', 'b'].map((address) => link(address));
    const groups = groupsOf([...links, link('aa', false)], 2);
    expect(groups.map((group) => group.members.map((member) => member.address))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ]);
    expect(groups.map((group) => group.id)).toEqual(['0', '1', '2']);
  });

  test('there are none without links', () => {
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
