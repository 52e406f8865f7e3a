import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue, type FairQueueOptions, type Waiting } from './fair-queue.ts';
import type { RequestId, SessionId } from './ids.ts';

const options: FairQueueOptions = {
  ...{ classes: 4, maxPerClass: 20, maxPerFlow: 5, turnAfter: 8 },
  ...{ firstGuessMs: 100, maxFlows: 50 },
};
const anyone = () => true;
const id = (text: string) => text as RequestId;
const waiting = (requestId: string, urgency: number, payer: string): Waiting => ({
  requestId: id(requestId),
  sessionId: 's1' as SessionId,
  payer,
  flow: payer,
  urgency,
  askedAtMs: 0,
  deadlineMs: 1_000,
});

function queueOf(...all: readonly Waiting[]): FairQueue<Waiting> {
  const queue = new FairQueue<Waiting>(options);
  for (const one of all) expect(queue.offer(one)).toBe('waiting');
  return queue;
}

function drain(queue: FairQueue<Waiting>, may: (one: Waiting) => boolean = anyone): string[] {
  const order: string[] = [];
  for (let next = queue.take(may); next !== undefined; next = queue.take(may)) order.push(next.requestId);
  return order;
}

describe('the waiting queue', () => {
  test('serves the more urgent class first and keeps the order of one payer', () => {
    const queue = queueOf(waiting('c1', 2, 'x'), waiting('b1', 1, 'x'), waiting('a1', 0, 'x'), waiting('a2', 0, 'x'));
    expect(drain(queue)).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  test('payers of a class take turns, however many one of them sends', () => {
    const queue = queueOf(
      ...['x1', 'x2', 'x3'].map((id) => waiting(id, 1, 'x')),
      waiting('y1', 1, 'y'),
      waiting('z1', 1, 'z'),
    );
    expect(drain(queue)).toEqual(['x1', 'y1', 'z1', 'x2', 'x3']);
  });

  test('a payer that may not be served is left out and loses nothing', () => {
    const queue = queueOf(waiting('x1', 0, 'x'), waiting('y1', 1, 'y'));
    expect(drain(queue, ({ payer }) => payer !== 'x')).toEqual(['y1']);
    expect(drain(queue)).toEqual(['x1']);
  });

  test('is bounded for each payer and each class, and a refused request changes nothing', () => {
    const queue = new FairQueue<Waiting>({ ...options, maxPerClass: 3, maxPerFlow: 2 });
    expect(queue.offer(waiting('x1', 0, 'x'))).toBe('waiting');
    expect(queue.offer(waiting('x2', 0, 'x'))).toBe('waiting');
    expect(queue.offer(waiting('x3', 0, 'x'))).toBe('full');
    expect(queue.offer(waiting('y1', 0, 'y'))).toBe('waiting');
    expect(queue.offer(waiting('z1', 0, 'z'))).toBe('full');
    expect(queue.offer(waiting('z2', 1, 'z'))).toBe('waiting');
    expect([queue.size, queue.sizeOf(0), queue.sizeOf(1)]).toEqual([4, 3, 1]);
  });

  test('a request offered again keeps its place and is served once', () => {
    const queue = queueOf(waiting('x1', 0, 'x'), waiting('y1', 0, 'y'), waiting('x1', 0, 'x'));
    expect(drain(queue)).toEqual(['x1', 'y1']);
  });

  test('a withdrawn request is not served', () => {
    const queue = queueOf(waiting('x1', 0, 'x'), waiting('x2', 0, 'x'));
    expect(queue.remove(id('x1'))?.requestId).toBe('x1');
    expect(queue.remove(id('x1'))).toBeUndefined();
    expect(queue.removeWhere((one) => one.requestId === 'x2')).toHaveLength(1);
    expect(drain(queue)).toEqual([]);
    expect(queue.size).toBe(0);
  });

  test('no class starves: under a steady stream of the most urgent, each waiting class gets its turn', () => {
    const queue = queueOf(waiting('low', 3, 'l'), waiting('mid', 2, 'm'));
    const served: string[] = [];
    for (let n = 0; n < 30; n++) {
      queue.offer(waiting(`p${n}`, 0, 'p'));
      const next = queue.take(anyone);
      if (next !== undefined) served.push(next.requestId);
    }
    expect(served).toContain('low');
    expect(served).toContain('mid');
    expect(served.filter((id) => id.startsWith('p'))).toHaveLength(28);
  });

  test('whatever is offered and taken, each request comes out at most once and the sizes agree', () => {
    const arrivals = fc.array(
      fc.record({ urgency: fc.nat(3), payer: fc.constantFrom('x', 'y', 'z'), takes: fc.nat(2) }),
    );
    fc.assert(
      fc.property(arrivals, (all) => {
        const queue = new FairQueue<Waiting>(options);
        const accepted = new Set<string>();
        const taken: string[] = [];
        all.forEach((one, n) => {
          if (queue.offer(waiting(`r${n}`, one.urgency, one.payer)) === 'waiting') accepted.add(`r${n}`);
          for (let takes = 0; takes < one.takes; takes++)
            taken.push(...(queue.take(anyone)?.requestId.split(' ') ?? []));
        });
        taken.push(...drain(queue));
        expect(new Set(taken)).toEqual(accepted);
        expect(taken).toHaveLength(accepted.size);
        expect([queue.size, ...[0, 1, 2, 3].map((urgency) => queue.sizeOf(urgency))]).toEqual([0, 0, 0, 0, 0]);
      }),
    );
  });
});

/** Calls of several mailboxes that never stop asking, with `places` tokens; answers the time that each has used. */
function usedTimes(callMs: readonly number[], places: number, forMs: number, charge: (usedMs: number) => number) {
  const queue = new FairQueue<Waiting>({ ...options, maxPerClass: 1_000 });
  const used = callMs.map(() => 0);
  const running: { readonly requestId: RequestId; readonly mailbox: number; readonly endsAtMs: number }[] = [];
  let serial = 0;
  const ask = (mailbox: number) => queue.offer(waiting(`r${serial++} ${mailbox}`, 1, `m${mailbox}`));
  for (const mailbox of callMs.keys()) for (let n = 0; n < places; n++) ask(mailbox);
  for (let nowMs = 0; nowMs < forMs; ) {
    while (running.length < places) {
      const next = queue.take(anyone);
      if (next === undefined) break;
      const mailbox = Number(next.requestId.split(' ')[1]);
      running.push({ requestId: next.requestId, mailbox, endsAtMs: nowMs + (callMs[mailbox] ?? 0) });
      ask(mailbox);
    }
    running.sort((a, b) => a.endsAtMs - b.endsAtMs);
    const first = running.shift();
    if (first === undefined) break;
    nowMs = first.endsAtMs;
    used[first.mailbox] = (used[first.mailbox] ?? 0) + (callMs[first.mailbox] ?? 0);
    queue.ended(first.requestId, charge(callMs[first.mailbox] ?? 0));
  }
  return used;
}

/** Jain's index: 1 when all have the same, 1/n when one has everything. */
const jain = (shares: readonly number[]) =>
  shares.reduce((sum, one) => sum + one, 0) ** 2 / (shares.length * shares.reduce((sum, one) => sum + one ** 2, 0));

describe('the share of time', () => {
  const callMs = [20, 50, 100, 400, 1_000, 3_000];

  test('is the same for mailboxes whose calls take 20 ms and 3 s', () => {
    for (const places of [1, 4, 8])
      expect(jain(usedTimes(callMs, places, 600_000, (used) => used))).toBeGreaterThan(0.98);
  });

  test('would not be without being told how long each call took', () => {
    expect(jain(usedTimes(callMs, 4, 600_000, () => 100))).toBeLessThan(0.6);
  });

  test('of one who comes late begins with the others, not with all that they have used before', () => {
    const queue = queueOf(waiting('x1', 0, 'x'));
    queue.take(anyone);
    queue.offer(waiting('x2', 0, 'x'));
    queue.ended(id('x1'), 60_000);
    for (const id of ['y1', 'y2', 'y3']) queue.offer(waiting(id, 0, 'y'));
    expect(queue.take(anyone)?.requestId).toBe('y1');
    queue.ended(id('y1'), 10);
    queue.offer(waiting('z1', 0, 'z'));
    expect(drain(queue).slice(0, 2).sort()).toEqual(['y2', 'z1']);
  });

  test('remembers no more flows than its bound, whoever comes and goes', () => {
    const queue = new FairQueue<Waiting>({ ...options, maxFlows: 10 });
    queue.offer(waiting('stays', 0, 'stays'));
    for (let n = 0; n < 1_000; n++) {
      queue.offer(waiting(`r${n}`, 0, `m${n}`));
      const next = queue.take(({ flow }) => flow !== 'stays');
      if (next !== undefined) queue.ended(next.requestId, 50);
    }
    expect(queue.flowsOf(0)).toBeLessThanOrEqual(11);
  });
});
