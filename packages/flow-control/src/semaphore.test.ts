import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Semaphore, type Taken } from './semaphore.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for a place and notes under this name what came of it. */
function asking(semaphore: Semaphore, log: string[]) {
  return (name: string, signal?: AbortSignal): Promise<Taken> => {
    const asked = semaphore.take(signal);
    void asked.then((taken) => log.push(`${name} ${taken}`));
    return asked;
  };
}

describe('a semaphore', () => {
  it('gives its places in the order in which they were asked for, and is full beyond the bound', async () => {
    const log: string[] = [];
    const semaphore = new Semaphore({ places: 1, waiting: 2 });
    const ask = asking(semaphore, log);
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await settled();
    expect(log).toEqual(['a taken', 'd full']);
    semaphore.giveBack();
    // Nobody overtakes those who wait, although a place was given back in this very moment.
    expect(semaphore.tryTake()).toBe(false);
    await settled();
    semaphore.giveBack();
    await settled();
    expect(log).toEqual(['a taken', 'd full', 'b taken', 'c taken']);
  });

  it('lets who waits go when the signal aborts, and gives the place to the next', async () => {
    const log: string[] = [];
    const semaphore = new Semaphore({ places: 1, waiting: 2 });
    const ask = asking(semaphore, log);
    const impatient = new AbortController();
    void ask('a');
    void ask('b', impatient.signal);
    void ask('c');
    impatient.abort();
    void ask('d', AbortSignal.abort());
    await settled();
    semaphore.giveBack();
    await settled();
    expect(log).toEqual(['a taken', 'b aborted', 'd aborted', 'c taken']);
    expect(semaphore.waiting).toBe(0);
  });

  it('that closes refuses who waits and whoever comes, and waits for what is out', async () => {
    const log: string[] = [];
    const semaphore = new Semaphore({ places: 1, waiting: 2 });
    const ask = asking(semaphore, log);
    void ask('a');
    void ask('b');
    let closed = false;
    const closing = semaphore.close().then(() => {
      closed = true;
    });
    void ask('c');
    await settled();
    expect(log).toEqual(['a taken', 'b closed', 'c closed']);
    expect([closed, semaphore.tryTake()]).toEqual([false, false]);
    semaphore.giveBack();
    await closing;
    await new Semaphore({ places: 1, waiting: 0 }).close();
  });

  it('tells when a place is free without taking it', async () => {
    const semaphore = new Semaphore({ places: 1, waiting: 0 });
    const never = new AbortController().signal;
    await semaphore.whenFree(never);
    expect(semaphore.tryTake()).toBe(true);
    const told: string[] = [];
    const given = new AbortController();
    void semaphore.whenFree(never).then(() => told.push('free'));
    void semaphore.whenFree(given.signal).then(() => told.push('aborted'));
    given.abort();
    await settled();
    expect(told).toEqual(['aborted']);
    semaphore.giveBack();
    await settled();
    expect(told).toEqual(['aborted', 'free']);
    expect(semaphore.free).toBe(1);
  });

  it('refuses bounds that make no sense, and a place that nobody took', () => {
    expect(() => new Semaphore({ places: 0, waiting: 1 })).toThrow(RangeError);
    expect(() => new Semaphore({ places: 1, waiting: -1 })).toThrow(RangeError);
    expect(() => new Semaphore({ places: 1, waiting: 1 }).giveBack()).toThrow(RangeError);
  });

  it('never has more out than places, and loses none, in whatever order it is used', async () => {
    const step = fc.constantFrom('take', 'give back', 'abort');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, places) => {
        const semaphore = new Semaphore({ places, waiting: 3 });
        const waiting: AbortController[] = [];
        let out = 0;
        for (const what of steps) {
          if (what === 'take') {
            const controller = new AbortController();
            waiting.push(controller);
            void semaphore.take(controller.signal).then((taken) => {
              if (taken === 'taken') out++;
            });
          } else if (what === 'abort') waiting.pop()?.abort();
          else if (out > 0) {
            out--;
            semaphore.giveBack();
          }
          await Promise.resolve();
          await Promise.resolve();
          expect(out).toBeLessThanOrEqual(places);
          expect(semaphore.free).toBe(places - out);
        }
      }),
    );
  });
});
