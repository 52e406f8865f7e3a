import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

/** Tasks that end when the test says so. */
function tasks() {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => ({
    start: () => {
      log.push(`start ${name}`);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    },
    refuse: () => log.push(`refuse ${name}`),
  });
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, task, end };
}

describe('slots', () => {
  it('run so many, queue so many, and are full', async () => {
    const { log, task, end } = tasks();
    const slots = new Slots({ running: 1, waiting: 1 });
    expect(['a', 'b', 'c'].map((name) => slots.offer(task(name)))).toEqual(['accepted', 'accepted', 'full']);
    await end('a');
    expect(log).toEqual(['start a', 'start b']);
    expect(slots.offer(task('d'))).toBe('accepted');
  });

  it('that close refuse what waits, wait for what runs, and take nothing more', async () => {
    const { log, task, end } = tasks();
    const slots = new Slots({ running: 1, waiting: 5 });
    for (const name of ['a', 'b', 'c']) slots.offer(task(name));
    let closed = false;
    const closing = slots.close().then(() => {
      closed = true;
    });
    expect(slots.offer(task('d'))).toBe('closed');
    expect(log).toEqual(['start a', 'refuse b', 'refuse c']);
    expect(closed).toBe(false);
    await end('a');
    await closing;
    expect(log).toHaveLength(3);
  });

  it('refuse bounds that make no sense', () => {
    expect(() => new Slots({ running: 0, waiting: 1 })).toThrow(RangeError);
    expect(() => new Slots({ running: 1, waiting: -1 })).toThrow(RangeError);
  });
});
