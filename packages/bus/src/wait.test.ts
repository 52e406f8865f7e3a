import { describe, expect, it } from 'vitest';
import { aborted, endsWithin, spread, wait } from './wait.ts';

const never = new Promise<never>(() => undefined);

describe('waiting', () => {
  it('ends at once when its signal aborts, before or meanwhile', async () => {
    await wait(3_600_000, AbortSignal.abort());
    await aborted(AbortSignal.abort());
    const controller = new AbortController();
    const waiting = Promise.all([wait(3_600_000, controller.signal), aborted(controller.signal)]);
    controller.abort();
    await waiting;
  });

  it('for longer than a timer of Node can hold does not end at once', async () => {
    const controller = new AbortController();
    const long = wait(2 ** 40, controller.signal).then(() => 'ended');
    expect(await Promise.race([long, wait(20).then(() => 'still waiting')])).toBe('still waiting');
    controller.abort();
    await long;
  });

  it('for work says whether it ended in time, and what it failed with', async () => {
    expect(await endsWithin(3_600_000, Promise.resolve())).toBe(true);
    expect(await endsWithin(1, never)).toBe(false);
    await expect(endsWithin(3_600_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('is spread by a fifth up and down', () => {
    expect([0, 0.5, 1].map((chance) => Math.round(spread(100, () => chance)))).toEqual([80, 100, 120]);
  });
});
