// Single rules of the ledger; token-ledger.property.test.ts plays whole worlds against it.
import { describe, expect, test } from 'vitest';
import type { RequestId, SessionId, TokenId } from './ids.ts';
import { type Held, type LedgerOptions, TokenLedger, type TokenRequest } from './token-ledger.ts';

const options: LedgerOptions = {
  sessionFreedMs: 10_000,
  frozenFreedMs: 106_000,
  heartbeatEveryMs: 2_000,
  maxSessions: 4,
  maxTokens: 50,
  maxReturned: 50,
  syncOperations: ['sync'],
};
const limits = { calls: 2, callsPerPayer: 27, syncsPerPayer: 5, streamsPerPayer: 1 };
const gateway = { gateway: 'g1', presence: 'p1' };
const token = (id: string) => id as TokenId;
const session = (id: string) => id as SessionId;
const requestId = (id: string) => id as RequestId;
const request = (id: string, more: Partial<TokenRequest> = {}): TokenRequest => ({
  requestId: requestId(id),
  sessionId: session('s1'),
  pool: 'call',
  payer: 'anna',
  operation: 'get-items',
  ...more,
});
const held = (id: string, more: Partial<Held> = {}): Held => ({
  token: token(id),
  pool: 'call',
  payer: 'anna',
  ageMs: 100,
  ...more,
});

function withSession(): TokenLedger {
  const ledger = new TokenLedger(options);
  ledger.heartbeat(session('s1'), [], 0, gateway);
  return ledger;
}

describe('the token ledger', () => {
  test('grants only while fewer than the limit are out', () => {
    const ledger = withSession();
    expect(ledger.grant(request('r1'), token('t1'), limits, 0).kind).toBe('granted');
    expect(ledger.grant(request('r2'), token('t2'), limits, 0).kind).toBe('granted');
    expect(ledger.grant(request('r3'), token('t3'), limits, 0).kind).toBe('full');
    ledger.release(token('t1'));
    expect(ledger.grant(request('r3'), token('t3'), limits, 0).kind).toBe('granted');
    expect(ledger.out).toBe(2);
  });

  test('limit 0 means no fixed limit, up to the bound of the ledger', () => {
    const ledger = withSession();
    const noLimit = { ...limits, calls: 0 };
    for (let n = 0; n < options.maxTokens; n++)
      ledger.grant(request(`r${n}`, { payer: `payer-${n}` }), token(`t${n}`), noLimit, 0);
    expect(ledger.out).toBe(options.maxTokens);
    expect(ledger.grant(request('one-more', { payer: 'another' }), token('one-more'), noLimit, 0).kind).toBe('full');
  });

  test('one payer has no more calls out than Exchange allows it, and of those no more syncs', () => {
    const ledger = withSession();
    const perPayer = { ...limits, calls: 0, callsPerPayer: 3, syncsPerPayer: 1 };
    const grant = (id: string, more: Partial<TokenRequest> = {}) =>
      ledger.grant(request(id, more), token(id), perPayer, 0).kind;
    expect(grant('s1', { operation: 'sync' })).toBe('granted');
    expect(grant('s2', { operation: 'sync' })).toBe('full');
    expect([grant('c1'), grant('c2'), grant('c3')]).toEqual(['granted', 'granted', 'full']);
    expect(grant('other', { payer: 'bert', operation: 'sync' })).toBe('granted');
    ledger.release(token('s1'));
    expect(grant('s3', { operation: 'sync' })).toBe('granted');
  });

  test('a session that is not known gets nothing', () => {
    const ledger = new TokenLedger(options);
    expect(ledger.grant(request('r1'), token('t1'), limits, 0).kind).toBe('session-unknown');
    expect(ledger.out).toBe(0);
  });

  test('the same request asked again gets the same token and is counted once', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    const again = ledger.grant(request('r1'), token('t2'), limits, 5);
    expect(again).toMatchObject({ kind: 'granted', repeated: true, token: { token: 't1' } });
    expect(ledger.out).toBe(1);
  });

  test('a token given back twice is counted once', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    expect(ledger.release(token('t1'))).toMatchObject({ token: 't1' });
    expect(ledger.release(token('t1'))).toBeUndefined();
    expect(ledger.out).toBe(0);
  });

  test('a lowered limit takes nothing back and stops grants until the count is below it', () => {
    const ledger = withSession();
    for (const n of [1, 2, 3, 4]) ledger.grant(request(`r${n}`), token(`t${n}`), { ...limits, calls: 4 }, 0);
    expect(ledger.out).toBe(4);
    for (const n of [1, 2]) ledger.release(token(`t${n}`));
    expect(ledger.grant(request('r5'), token('t5'), limits, 0).kind).toBe('full');
    ledger.release(token('t3'));
    expect(ledger.grant(request('r5'), token('t5'), limits, 0).kind).toBe('granted');
  });

  test('streams have a limit of their own for each payer and take no room from calls', () => {
    const ledger = withSession();
    const stream = (id: string, payer: string) =>
      ledger.grant(request(id, { pool: 'stream', payer }), token(`t-${id}`), limits, 0).kind;
    expect([stream('a', 'anna'), stream('b', 'anna'), stream('c', 'bert')]).toEqual(['granted', 'full', 'granted']);
    expect([ledger.out, ledger.streamsOut]).toEqual([0, 2]);
  });

  test('what a session holds and the ledger does not know is counted, above the limit if need be', () => {
    const ledger = new TokenLedger(options);
    const renewal = ledger.heartbeat(session('s1'), [held('a'), held('b'), held('c')], 1_000, gateway);
    expect(renewal).toMatchObject({ kind: 'renewed', adopted: [{ token: 'a' }, { token: 'b' }, { token: 'c' }] });
    expect(ledger.out).toBe(3);
    ledger.heartbeat(session('s1'), [held('a'), held('b'), held('c')], 3_000, gateway);
    expect(ledger.out).toBe(3);
    expect(ledger.grant(request('r1'), token('t1'), limits, 3_000).kind).toBe('full');
  });

  test('a heartbeat that was sent before the release does not bring the token back', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    ledger.release(token('t1'));
    ledger.heartbeat(session('s1'), [held('t1')], 10, gateway);
    expect(ledger.out).toBe(0);
  });

  test('a release that arrives before the heartbeat at a new leader is remembered', () => {
    const ledger = new TokenLedger(options);
    expect(ledger.release(token('t1'))).toBeUndefined();
    ledger.heartbeat(session('s1'), [held('t1')], 10, gateway);
    expect(ledger.out).toBe(0);
  });

  test('a token missing from two heartbeats is freed, from one it is not', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    ledger.heartbeat(session('s1'), [held('t1')], 8_000, gateway);
    expect(ledger.heartbeat(session('s1'), [], 10_000, gateway)).toMatchObject({ lost: [] });
    expect(ledger.out).toBe(1);
    expect(ledger.heartbeat(session('s1'), [], 12_000, gateway)).toMatchObject({ lost: [{ token: 't1' }] });
    expect(ledger.out).toBe(0);
  });

  test('a grant that is still under way is not freed, for as long as its gateway could yet use it', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    for (const nowMs of [2_000, 4_000, 6_000, 8_000]) ledger.heartbeat(session('s1'), [], nowMs, gateway);
    expect(ledger.out).toBe(1);
    expect(ledger.heartbeat(session('s1'), [], 10_000, gateway)).toMatchObject({ lost: [{ token: 't1' }] });
  });

  test('a heartbeat delivered twice is one absence, and a token named again is present', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    ledger.heartbeat(session('s1'), [held('t1')], 10_000, gateway);
    ledger.heartbeat(session('s1'), [], 12_000, gateway);
    ledger.heartbeat(session('s1'), [], 12_001, gateway);
    expect(ledger.out).toBe(1);
    ledger.heartbeat(session('s1'), [held('t1')], 14_000, gateway);
    ledger.heartbeat(session('s1'), [], 16_000, gateway);
    expect(ledger.out).toBe(1);
  });

  test('a grant younger than a heartbeat period is not missed', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 1_900);
    ledger.heartbeat(session('s1'), [], 2_000, gateway);
    ledger.heartbeat(session('s1'), [], 3_800, gateway);
    expect(ledger.out).toBe(1);
  });

  test('a grant that is sent again counts as young again, so that it is not freed under its late holder', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    ledger.heartbeat(session('s1'), [], 2_000, gateway);
    ledger.grant(request('r1'), token('t2'), limits, 3_900);
    ledger.heartbeat(session('s1'), [], 4_000, gateway);
    ledger.heartbeat(session('s1'), [], 5_800, gateway);
    expect(ledger.out).toBe(1);
  });

  describe('of a session that fell silent', () => {
    const others = { gateway: 'g2', presence: 'p2' };
    function silent(): TokenLedger {
      const ledger = withSession();
      ledger.heartbeat(session('s2'), [], 5_000, others);
      ledger.grant(request('r1'), token('t1'), limits, 0);
      ledger.grant(request('r2', { sessionId: session('s2') }), token('t2'), limits, 5_000);
      return ledger;
    }

    test('frees nothing while its process may only stand still, until no request of it can be open', () => {
      const ledger = silent();
      expect(ledger.expire(9_999)).toEqual({ lapsed: [], freed: [] });
      expect(ledger.expire(10_000)).toEqual({ lapsed: ['s1'], freed: [] });
      ledger.heartbeat(session('s2'), [held('t2')], 100_000, others);
      expect(ledger.expire(105_999)).toEqual({ lapsed: [], freed: [] });
      expect(ledger.expire(106_000)).toMatchObject({ lapsed: [], freed: [{ token: 't1' }] });
      expect(ledger.out).toBe(1);
    });

    test('grants it nothing, and hears of it only by a heartbeat', () => {
      const ledger = silent();
      ledger.expire(10_000);
      expect(ledger.grant(request('r3'), token('t3'), { ...limits, calls: 9 }, 10_000).kind).toBe('session-unknown');
      expect(ledger.heard(session('s1'), 11_000)).toBe(false);
      ledger.heartbeat(session('s1'), [held('t1')], 11_000, gateway);
      expect([ledger.knows(session('s1')), ledger.out]).toEqual([true, 2]);
    });

    test('frees its tokens after the short time when its process has ended, and only then', () => {
      const ledger = silent();
      ledger.processEnded('p1');
      expect(ledger.expire(9_999)).toEqual({ lapsed: [], freed: [] });
      expect(ledger.expire(10_000)).toMatchObject({ lapsed: ['s1'], freed: [{ token: 't1' }] });
      expect([ledger.out, ledger.knows(session('s1')), ledger.knows(session('s2'))]).toEqual([1, false, true]);
    });

    test('frees them at once when its gateway runs again in another process, whichever is told first', () => {
      for (const order of ['ended first', 'opened first']) {
        const ledger = silent();
        const open = () => ledger.heartbeat(session('s3'), [], 6_000, { ...gateway, presence: 'p3' });
        if (order === 'opened first') open();
        expect(ledger.expire(6_000).freed).toEqual([]);
        ledger.processEnded('p1');
        if (order === 'ended first') open();
        expect(ledger.expire(6_000)).toMatchObject({ lapsed: ['s1'], freed: [{ token: 't1' }] });
      }
    });

    test('frees nothing at once for a namesake while its process may stand still', () => {
      const ledger = silent();
      ledger.heartbeat(session('s3'), [], 6_000, { ...gateway, presence: 'p3' });
      expect(ledger.expire(10_000)).toEqual({ lapsed: ['s1'], freed: [] });
    });

    test('takes a process that has another connection for alive', () => {
      const ledger = silent();
      ledger.processEnded('p1');
      ledger.heartbeat(session('s1'), [held('t1')], 6_000, { ...gateway, presence: 'p9' });
      expect(ledger.expire(16_000)).toMatchObject({ lapsed: ['s1', 's2'], freed: [] });
    });
  });

  test('a grant does not keep the session of a dead gateway alive', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 9_000);
    ledger.processEnded('p1');
    expect(ledger.expire(10_000)).toMatchObject({ lapsed: ['s1'], freed: [{ token: 't1' }] });
  });

  test('a token that moved to a new session of its gateway survives the end of the old one', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    ledger.heartbeat(session('s2'), [held('t1')], 9_000, gateway);
    expect(ledger.out).toBe(1);
    expect(ledger.expire(12_000)).toEqual({ lapsed: ['s1'], freed: [] });
    expect(ledger.out).toBe(1);
  });

  test('a withdrawn request gives back what it was granted', () => {
    const ledger = withSession();
    ledger.grant(request('r1'), token('t1'), limits, 0);
    expect(ledger.releaseRequest(requestId('r1'))).toMatchObject({ token: 't1' });
    expect(ledger.releaseRequest(requestId('r1'))).toBeUndefined();
    expect(ledger.out).toBe(0);
  });

  test('more sessions than the bound are refused and those that are there go on', () => {
    const ledger = withSession();
    for (const id of ['s2', 's3', 's4']) expect(ledger.heartbeat(session(id), [], 0, gateway).kind).toBe('renewed');
    expect(ledger.heartbeat(session('s5'), [held('x')], 0, gateway).kind).toBe('too-many-sessions');
    expect(ledger.heartbeat(session('s1'), [], 0, gateway).kind).toBe('renewed');
    expect(ledger.out).toBe(0);
  });
});
