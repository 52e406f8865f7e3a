import { codedError, type MailboxKey } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { Troubles } from './troubles.ts';

const anna = 'aaaaaaaaaaaaaaaa' as MailboxKey;
const bert = 'bbbbbbbbbbbbbbbb' as MailboxKey;
const carl = 'cccccccccccccccc' as MailboxKey;
const later = codedError('exchange-unreachable');
const troubles = (random: number, maxMailboxes = 10) =>
  new Troubles({ baseMs: 2_000, maxMs: 60_000, maxMailboxes, random: () => random });

describe('troubles', () => {
  test('the pause doubles with each failure, up to its bound, and begins anew after a success', () => {
    const all = troubles(1);
    const delays = Array.from({ length: 8 }, () => all.failed(anna, later, 0));
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    all.succeeded(anna);
    expect(all.failed(anna, later, 0)).toBe(2_000);
  });

  test('a pause that Exchange asked for is never shortened', () => {
    const busy = codedError('exchange-busy', { backOffMs: 9_000 });
    expect(troubles(0).failed(anna, busy, 0)).toBe(9_000);
    expect(troubles(1).failed(anna, busy, 0)).toBe(10_800);
  });

  test('what will fail again is tried again, rarely', () => {
    expect(troubles(0).failed(anna, codedError('exchange-request-refused'), 0)).toBe(30_000);
  });

  test('one mailbox in trouble holds up no other', () => {
    const all = troubles(1);
    all.failed(anna, later, 100);
    expect([all.waitMs(anna, 100), all.waitMs(anna, 2_100), all.waitMs(bert, 100)]).toEqual([2_000, 0, 0]);
  });

  test('is bounded: the oldest is forgotten', () => {
    const all = troubles(1, 2);
    for (const mailbox of [anna, bert, anna, carl]) all.failed(mailbox, later, 0);
    expect([all.size, all.waitMs(bert, 0), all.waitMs(anna, 0)]).toEqual([2, 0, 4_000]);
  });
});
