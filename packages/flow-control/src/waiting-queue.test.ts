import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UrgencyQueue, type UrgencyQueueOptions, type Waiting } from './waiting-queue.ts';

const options: UrgencyQueueOptions = { classes: 4, maxPerClass: 20, maxPerPayer: 5, turnAfter: 8 };
const anyone = () => true;
const waiting = (requestId: string, urgency: number, payer: string): Waiting => ({
  requestId,
  sessionId: 's1',
  payer,
  urgency,
  askedAtMs: 0,
  deadlineMs: 1_000,
});

function queueOf(...all: readonly Waiting[]): UrgencyQueue<Waiting> {
  const queue = new UrgencyQueue<Waiting>(options);
  for (const one of all) expect(queue.offer(one)).toBe('waiting');
  return queue;
}

function drain(queue: UrgencyQueue<Waiting>, may: (payer: string) => boolean = anyone): string[] {
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
    expect(drain(queue, (payer) => payer !== 'x')).toEqual(['y1']);
    expect(drain(queue)).toEqual(['x1']);
  });

  test('is bounded for each payer and each class, and a refused request changes nothing', () => {
    const queue = new UrgencyQueue<Waiting>({ ...options, maxPerClass: 3, maxPerPayer: 2 });
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
    expect(queue.remove('x1')?.requestId).toBe('x1');
    expect(queue.remove('x1')).toBeUndefined();
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
        const queue = new UrgencyQueue<Waiting>(options);
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
