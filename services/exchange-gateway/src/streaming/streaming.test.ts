import { codedError, type MailboxKey } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import { groupsOf } from './groups.ts';
import { delayAfter } from './retry.ts';

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
