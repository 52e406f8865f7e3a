import type { Priority, RequestId, SessionId, TokenId } from '@lockstep/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { governorConfig, perPayer } from './config.ts';
import type { Ask, DeskEvent, Released } from './desk-event.ts';
import { TokenDesk } from './token-desk.ts';

const countedMs = governorConfig.ledger.sessionFreedMs;
const session = 'session-1' as SessionId;
let serial = 0;

const limitsWith = (calls: number, streamsPerPayer = 3, highServerLoad = false) => ({
  ...perPayer,
  calls,
  streamsPerPayer,
  highServerLoad,
});

function deskWith(calls: number, streamsPerPayer = 3): TokenDesk {
  const { ledger, queue, backOff, loadDelay } = governorConfig;
  const limits = limitsWith(calls, streamsPerPayer);
  const newToken = () => `token-${++serial}` as TokenId;
  return new TokenDesk({ epoch: 7, ledger, queue, backOff, loadDelay, limits, newToken }, 0);
}

/** A desk that has counted, with one session that is known. */
function granting(calls: number, streamsPerPayer = 3): TokenDesk {
  const desk = deskWith(calls, streamsPerPayer);
  desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, countedMs);
  return desk;
}

const ask = (id: string, more: Partial<Ask> = {}): Ask => ({
  requestId: id as RequestId,
  sessionId: session,
  pool: 'call',
  payer: 'anna',
  priority: 'change',
  operation: 'get-items',
  ...more,
});
const released = (id: string, more: Partial<Released> = {}): Released => ({
  token: id as TokenId,
  sessionId: session,
  outcome: 'ok',
  latencyMs: 100,
  operation: 'get-items',
  ...more,
});

/** What each request was answered: its token, or the code of the refusal. */
function answers(events: readonly DeskEvent[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const event of events)
    if (event.kind === 'answer')
      found[event.requestId] = event.outcome.ok ? event.outcome.value.token : event.outcome.error.code;
  return found;
}

const later = countedMs + 60_000;

describe('a new leader', () => {
  const pause = { scope: { kind: 'mailbox' as const, mailbox: 'anna' }, remainingMs: 300_000 };
  const heartbeat = { sessionId: session, gatewayId: 'g1', held: [], backOffs: [pause] };

  test('learns the pauses that gateways know while it counts, and keeps to them', () => {
    const desk = deskWith(0);
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, 0);
    expect(answers(desk.acquire(ask('early'), later, 500))).toEqual({});
    expect(answers(desk.heartbeat(heartbeat, 1_000).events)).toEqual({ early: 'governor-back-off' });
    const { outcome } = desk.heartbeat({ sessionId: 'session-2' as SessionId, gatewayId: 'g2', held: [] }, 2_000);
    expect(outcome).toMatchObject({ value: { backOffs: [{ scope: pause.scope, remainingMs: 299_000 }] } });
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, countedMs);
    expect(answers(desk.acquire(ask('a'), later, countedMs))).toEqual({ a: 'governor-back-off' });
  });

  test('that grants does not learn again what it may have been told to forget', () => {
    const desk = granting(0);
    desk.heartbeat(heartbeat, countedMs);
    expect(desk.state(countedMs).backOffs).toEqual([]);
  });
});

describe('the token desk', () => {
  beforeEach(() => {
    serial = 0;
  });

  test('answers at once while there is room, then when a token comes back', () => {
    const desk = granting(1);
    expect(answers(desk.acquire(ask('a'), later, countedMs))).toEqual({ a: 'token-1' });
    expect(answers(desk.acquire(ask('b'), later, countedMs))).toEqual({});
    expect(answers(desk.release(released('token-1'), countedMs + 5))).toEqual({ b: 'token-2' });
    expect(desk.state(countedMs + 5)).toMatchObject({ epoch: 7, phase: 'granting', limit: 1, out: 1, queued: 0 });
  });

  test('the epoch and the limit stand in the grant', () => {
    const [, answer] = granting(4).acquire(ask('a'), later, countedMs);
    expect(answer).toMatchObject({ kind: 'answer', outcome: { ok: true, value: { epoch: 7, limit: 4 } } });
  });

  test('while it counts it grants nothing; what can wait is granted afterwards, what cannot is refused at once', () => {
    const desk = deskWith(0);
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, 0);
    expect(answers(desk.acquire(ask('patient'), later, 10))).toEqual({});
    expect(answers(desk.acquire(ask('hasty'), 5_000, 10))).toEqual({ hasty: 'governor-not-ready' });
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, countedMs - 1_000);
    expect(answers(desk.tick(countedMs - 1))).toEqual({});
    expect(answers(desk.tick(countedMs))).toEqual({ patient: 'token-1' });
  });

  test('what the sessions report while it counts is taken from the limit', () => {
    const desk = deskWith(2);
    const held = ['x', 'y'].map((token) => ({
      token: token as TokenId,
      pool: 'call' as const,
      payer: 'anna',
      ageMs: 4_000,
    }));
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held }, 0);
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held }, countedMs);
    expect(answers(desk.acquire(ask('a'), later, countedMs))).toEqual({});
    expect(answers(desk.release(released('x'), countedMs))).toEqual({ a: 'token-1' });
  });

  test('an unknown session is told so', () => {
    expect(answers(granting(0).acquire(ask('a', { sessionId: 'other' as SessionId }), later, countedMs))).toEqual({
      a: 'governor-session-unknown',
    });
  });

  test('while it counts a session that it has not heard of yet may wait, and is refused if it does not come', () => {
    const desk = deskWith(0);
    expect(answers(desk.acquire(ask('comes'), later, 10))).toEqual({});
    expect(answers(desk.acquire(ask('stays-away', { sessionId: 'other' as SessionId }), later, 10))).toEqual({});
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, 500);
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, countedMs - 1);
    expect(answers(desk.tick(countedMs))).toEqual({ comes: 'token-1', 'stays-away': 'governor-session-unknown' });
  });

  test('the same request gets the same token, waiting or granted', () => {
    const desk = granting(1);
    desk.acquire(ask('a'), later, countedMs);
    expect(answers(desk.acquire(ask('a'), later, countedMs))).toEqual({ a: 'token-1' });
    desk.acquire(ask('b'), later, countedMs);
    desk.acquire(ask('b'), later, countedMs);
    expect(desk.state(countedMs)).toMatchObject({ out: 1, queued: 1 });
  });

  test('a person goes before a sweep', () => {
    const desk = granting(1);
    desk.acquire(ask('first'), later, countedMs);
    const urgency: readonly Priority[] = ['first-load', 'sweep', 'change', 'person'];
    for (const priority of urgency) desk.acquire(ask(priority, { priority }), later, countedMs);
    const order: string[] = [];
    for (let n = 1; n <= 4; n++) order.push(...Object.keys(answers(desk.release(released(`token-${n}`), countedMs))));
    expect(order).toEqual(['person', 'change', 'sweep', 'first-load']);
  });

  test('a request whose deadline passed is answered and gets no token', () => {
    const desk = granting(1);
    desk.acquire(ask('a'), later, countedMs);
    desk.acquire(ask('b'), countedMs + 50, countedMs);
    expect(answers(desk.tick(countedMs + 50))).toEqual({ b: 'deadline-passed' });
    expect(answers(desk.release(released('token-1'), countedMs + 60))).toEqual({});
    expect(desk.state(countedMs + 60).out).toBe(0);
  });

  test('a queue that is full refuses with a time to wait', () => {
    const desk = granting(1);
    desk.acquire(ask('a'), later, countedMs);
    for (let n = 0; n < governorConfig.queue.maxPerFlow; n++) desk.acquire(ask(`w${n}`), later, countedMs);
    const events = desk.acquire(ask('one-more'), later, countedMs);
    expect(events).toMatchObject([
      { outcome: { ok: false, error: { code: 'governor-queue-full', retry: 'busy', backOffMs: 1_000 } } },
    ]);
  });

  test('a withdrawn request does not get a token, and gives back the one it has', () => {
    const desk = granting(1);
    desk.acquire(ask('a'), later, countedMs);
    desk.acquire(ask('b'), later, countedMs);
    expect(answers(desk.cancel('b' as RequestId, 'cancelled', countedMs))).toEqual({ b: 'deadline-passed' });
    expect(desk.cancel('a' as RequestId, 'cancelled', countedMs)).toMatchObject([
      { kind: 'freed', reason: 'cancelled' },
    ]);
    expect(desk.state(countedMs)).toMatchObject({ out: 0, queued: 0 });
    expect(desk.cancel('a' as RequestId, 'cancelled', countedMs)).toEqual([]);
  });

  test('a changed limit takes effect at once; lowered, it takes nothing back', () => {
    const desk = granting(1);
    for (const id of ['a', 'b', 'c']) desk.acquire(ask(id), later, countedMs);
    expect(answers(desk.setLimits(limitsWith(3), countedMs))).toEqual({
      b: 'token-2',
      c: 'token-3',
    });
    expect(answers(desk.setLimits(limitsWith(1), countedMs))).toEqual({});
    desk.acquire(ask('d'), later, countedMs);
    expect(answers(desk.release(released('token-1'), countedMs))).toEqual({});
    expect(answers(desk.release(released('token-2'), countedMs))).toEqual({});
    expect(answers(desk.release(released('token-3'), countedMs))).toEqual({ d: 'token-4' });
    expect(desk.setLimits(limitsWith(1), countedMs)).toEqual([]);
  });

  test('streams wait for streams of their own mailbox only', () => {
    const desk = granting(1, 1);
    desk.acquire(ask('call'), later, countedMs);
    const stream = (id: string, payer: string) => desk.acquire(ask(id, { pool: 'stream', payer }), later, countedMs);
    expect(answers([...stream('s1', 'anna'), ...stream('s2', 'anna'), ...stream('s3', 'bert')])).toEqual({
      s1: 'token-2',
      s3: 'token-3',
    });
    expect(answers(desk.release(released('token-1'), countedMs))).toEqual({});
    expect(answers(desk.release(released('token-2'), countedMs))).toEqual({ s2: 'token-4' });
  });

  test('a busy answer pauses its payer: what waits long enough goes on afterwards, the rest is refused now', () => {
    const desk = granting(1);
    desk.acquire(ask('a'), later, countedMs);
    desk.acquire(ask('patient'), later, countedMs);
    desk.acquire(ask('hasty'), countedMs + 2_000, countedMs);
    desk.acquire(ask('other', { payer: 'bert' }), later, countedMs);
    const backOff = { scope: { kind: 'mailbox' as const, mailbox: 'anna' }, remainingMs: 5_000 };
    const events = desk.release(released('token-1', { outcome: 'busy', backOff }), countedMs);
    expect(answers(events)).toEqual({ hasty: 'governor-back-off', other: 'token-2' });
    expect(events.map((event) => event.kind)).toContain('state-changed');
    desk.release(released('token-2'), countedMs + 10);
    expect(answers(desk.acquire(ask('new'), countedMs + 3_000, countedMs + 10))).toEqual({ new: 'governor-back-off' });
    expect(answers(desk.tick(countedMs + 4_999))).toEqual({});
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', held: [] }, countedMs + 4_999);
    expect(answers(desk.tick(countedMs + 5_000))).toEqual({ patient: 'token-3' });
  });

  test('a pause of the endpoint holds everybody, and other credentials end it', () => {
    const desk = granting(0);
    desk.acquire(ask('a'), later, countedMs);
    const backOff = { scope: { kind: 'endpoint' as const }, remainingMs: 30_000 };
    desk.release(released('token-1', { outcome: 'connection', backOff }), countedMs);
    expect(answers(desk.acquire(ask('b', { payer: 'bert' }), later, countedMs))).toEqual({});
    expect(answers(desk.forgetBackOffs(countedMs + 1))).toEqual({ b: 'token-2' });
  });

  test('a session that fell silent gets nothing it asked for, and its tokens go to others when its process has ended', () => {
    const desk = granting(1);
    desk.heartbeat({ sessionId: session, gatewayId: 'g1', presence: 'p1', held: [] }, countedMs);
    desk.heartbeat({ sessionId: 'session-2' as SessionId, gatewayId: 'g2', held: [] }, countedMs + 9_000);
    desk.acquire(ask('a'), later, countedMs);
    desk.acquire(ask('b'), later, countedMs);
    desk.acquire(ask('c', { sessionId: 'session-2' as SessionId }), later, countedMs + 9_000);
    expect(answers(desk.tick(countedMs + 10_000))).toEqual({ b: 'governor-session-unknown' });
    const events = desk.processEnded('p1', countedMs + 10_001);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'freed', reason: 'session-ended' }));
    expect(answers(events)).toEqual({ c: 'token-2' });
  });

  test('calls are spaced while Exchange answers slowly, if the settings say so, and no longer', () => {
    const desk = granting(0);
    const slow = { latencyMs: 15_000 };
    desk.acquire(ask('first'), later, countedMs);
    desk.release(released('token-1', slow), countedMs);
    expect(desk.state(countedMs)).toMatchObject({ averageResponseMs: 15_000, delayMs: 0 });
    expect(answers(desk.acquire(ask('at once'), later, countedMs))).toEqual({ 'at once': 'token-2' });
    desk.setLimits(limitsWith(0, 3, true), countedMs);
    expect(desk.state(countedMs)).toMatchObject({ delayMs: 1_000 });
    for (const id of ['a', 'b']) expect(answers(desk.acquire(ask(id), later, countedMs))).toEqual({});
    expect(answers(desk.tick(countedMs + 999))).toEqual({});
    expect(answers(desk.tick(countedMs + 1_000))).toEqual({ a: 'token-3' });
    expect(answers(desk.tick(countedMs + 1_999))).toEqual({});
    expect(answers(desk.tick(countedMs + 2_000))).toEqual({ b: 'token-4' });
    expect(answers(desk.acquire(ask('c'), later, countedMs + 2_001))).toEqual({});
    expect(answers(desk.setLimits(limitsWith(0), countedMs + 2_001))).toEqual({ c: 'token-5' });
  });

  test('a busy answer, which comes at once, does not make a slow server look fast', () => {
    const desk = granting(0);
    desk.acquire(ask('a'), later, countedMs);
    desk.acquire(ask('b', { payer: 'bert' }), later, countedMs);
    desk.release(released('token-1', { latencyMs: 15_000 }), countedMs);
    desk.release(released('token-2', { outcome: 'busy', latencyMs: 1 }), countedMs);
    expect(desk.state(countedMs).averageResponseMs).toBe(15_000);
  });

  test('closing answers everybody who waits', () => {
    const desk = granting(1);
    for (const id of ['a', 'b', 'c']) desk.acquire(ask(id), later, countedMs);
    expect(answers(desk.close())).toEqual({ b: 'service-stopping', c: 'service-stopping' });
  });
});
