import { type Outcome, success } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { OneAtATime } from './one-at-a-time.ts';

/** Work that ends when the test says so. */
function held() {
  const runs: (() => void)[] = [];
  const work = () =>
    new Promise<Outcome<number>>((resolve) => {
      const number = runs.length + 1;
      runs.push(() => resolve(success(number)));
    });
  return { runs, work };
}

const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

describe('one at a time', () => {
  it('gives all who ask during a run the one run after it', async () => {
    const rows = new OneAtATime<number>(10);
    const { runs, work } = held();
    const first = rows.run(1, work);
    const [second, third] = [rows.run(1, work), rows.run(1, work)];
    await settled();
    expect(runs).toHaveLength(1);
    runs[0]?.();
    expect(await first).toEqual(success(1));
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.();
    expect(await second).toEqual(success(2));
    expect(await third).toEqual(success(2));
  });

  it('starts anew when nobody works on the row any more', async () => {
    const rows = new OneAtATime<number>(1);
    const { runs, work } = held();
    for (const round of [1, 2, 3]) {
      const run = rows.run(7, work);
      runs.at(-1)?.();
      expect(await run).toEqual(success(round));
      await settled();
    }
  });

  it('refuses more rows than it may work on', async () => {
    const rows = new OneAtATime<number>(1);
    const { runs, work } = held();
    const first = rows.run(1, work);
    expect(await rows.run(2, work)).toMatchObject({ ok: false, error: { code: 'service-busy' } });
    runs[0]?.();
    await first;
    await settled();
    void rows.run(2, work);
    expect(runs).toHaveLength(2);
  });

  it('goes on after work that failed', async () => {
    const rows = new OneAtATime<number>(1);
    const failing = rows.run(1, () => Promise.reject(new Error('defect')));
    const next = rows.run(1, () => Promise.resolve(success(2)));
    await expect(failing).rejects.toThrow('defect');
    expect(await next).toEqual(success(2));
  });
});
