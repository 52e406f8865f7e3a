import { describe, expect, test } from 'vitest';
import { BackOffs } from './back-off.ts';

const options = {
  baseMs: 1_000,
  maxMs: 300_000,
  maxHintMs: 3_600_000,
  endpointPayers: 3,
  endpointWithinMs: 10_000,
  maxMailboxes: 5,
};

describe('back-offs', () => {
  test('a mailbox in pause waits and the others go on', () => {
    const backOffs = new BackOffs(options);
    backOffs.report({ scope: { kind: 'mailbox', mailbox: 'anna' }, remainingMs: 5_000 }, 100);
    expect(backOffs.remainingMs('anna', 100)).toBe(5_000);
    expect(backOffs.remainingMs('bert', 100)).toBe(0);
    expect(backOffs.remainingMs('anna', 5_100)).toBe(0);
    expect(backOffs.list(5_100)).toEqual([]);
  });

  test('with delegation the account pays, and with it all that it does', () => {
    const backOffs = new BackOffs(options);
    backOffs.busy('account', 4_000, 0);
    expect(backOffs.list(1_000)).toEqual([{ scope: { kind: 'account' }, remainingMs: 3_000 }]);
    expect(backOffs.remainingMs('account', 1_000)).toBe(3_000);
    expect(backOffs.remainingMs('anna', 1_000)).toBe(0);
  });

  test('a pause of the endpoint is everybody’s', () => {
    const backOffs = new BackOffs(options);
    backOffs.report({ scope: { kind: 'endpoint' }, remainingMs: 2_000 }, 0);
    expect([backOffs.remainingMs('anna', 0), backOffs.remainingMs('account', 500)]).toEqual([2_000, 1_500]);
  });

  test('a shorter pause never shortens the one in force', () => {
    const backOffs = new BackOffs(options);
    backOffs.busy('anna', 9_000, 0);
    backOffs.busy('anna', 1_000, 10);
    backOffs.busy('anna', undefined, 20);
    expect(backOffs.remainingMs('anna', 20)).toBe(8_980);
  });

  test('the hint of the server wins over our own pause; a senseless one is bounded', () => {
    const backOffs = new BackOffs(options);
    backOffs.busy('anna', 60_000, 0);
    expect(backOffs.remainingMs('anna', 0)).toBe(60_000);
    backOffs.busy('bert', 10 ** 12, 0);
    expect(backOffs.remainingMs('bert', 0)).toBe(options.maxHintMs);
  });

  test('without a hint the pause doubles with each busy answer in a row, up to its bound, and begins anew after a success', () => {
    const backOffs = new BackOffs(options);
    const pauses: number[] = [];
    let nowMs = 0;
    for (let n = 0; n < 10; n++) {
      backOffs.busy('anna', undefined, nowMs);
      const pauseMs = backOffs.remainingMs('anna', nowMs);
      pauses.push(pauseMs);
      nowMs += pauseMs + 20_000;
    }
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses.at(-1)).toBe(300_000);
    backOffs.succeeded('anna', nowMs);
    backOffs.busy('anna', undefined, nowMs);
    expect(backOffs.remainingMs('anna', nowMs)).toBe(1_000);
  });

  test('calls refused together are one busy answer', () => {
    const backOffs = new BackOffs(options);
    for (let n = 0; n < 10; n++) backOffs.busy('anna', undefined, n);
    expect(backOffs.remainingMs('anna', 9)).toBe(1_000);
  });

  test('a success during the pause does not end it', () => {
    const backOffs = new BackOffs(options);
    backOffs.busy('anna', 5_000, 0);
    backOffs.succeeded('anna', 10);
    expect(backOffs.remainingMs('anna', 10)).toBe(4_990);
  });

  test('three payers busy within ten seconds pause the endpoint for the longest of their pauses', () => {
    const backOffs = new BackOffs(options);
    backOffs.busy('anna', 30_000, 0);
    backOffs.busy('bert', 1_000, 4_000);
    expect(backOffs.remainingMs('dora', 4_000)).toBe(0);
    backOffs.busy('carl', 1_000, 9_000);
    expect(backOffs.remainingMs('dora', 9_000)).toBe(21_000);
  });

  test('one payer three times, or three payers over a longer time, do not', () => {
    const backOffs = new BackOffs(options);
    for (const nowMs of [0, 100, 200]) backOffs.busy('anna', 100, nowMs);
    backOffs.busy('bert', 100, 9_000);
    backOffs.busy('carl', 100, 18_000);
    backOffs.busy('dora', 100, 27_500);
    expect(backOffs.remainingMs('emil', 27_500)).toBe(0);
  });

  test('more mailboxes in pause than the bound pause the endpoint; ended ones do not count', () => {
    const backOffs = new BackOffs(options);
    const pause = (mailbox: string, nowMs: number) =>
      backOffs.report({ scope: { kind: 'mailbox', mailbox }, remainingMs: 1_000 }, nowMs);
    for (const mailbox of ['a', 'b', 'c', 'd', 'e']) pause(mailbox, 0);
    pause('f', 2_000);
    expect(backOffs.remainingMs('z', 2_000)).toBe(0);
    for (const mailbox of ['a', 'b', 'c', 'd', 'e']) pause(mailbox, 2_000);
    expect(backOffs.remainingMs('z', 2_000)).toBe(1_000);
  });

  test('other credentials end every pause', () => {
    const backOffs = new BackOffs(options);
    backOffs.report({ scope: { kind: 'endpoint' }, remainingMs: 300_000 }, 0);
    backOffs.clear();
    expect([backOffs.remainingMs('anna', 0), backOffs.list(0).length]).toEqual([0, 0]);
  });
});
