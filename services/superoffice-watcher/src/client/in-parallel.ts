// Runs work on many things, so many at a time, and gives the results in order.
import { type Outcome, success } from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';

/** The first failure, after which nothing more is begun; else all values. An exception is thrown on, likewise. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<Outcome<R>>,
): Promise<Outcome<readonly R[]>> {
  const places = new Semaphore({ places: atOnce, waiting: items.length });
  let failed: Outcome<never> | undefined;
  const values = await Promise.all(
    items.map(async (item) => {
      if ((await places.take()) !== 'taken') return undefined;
      try {
        if (failed !== undefined) return undefined;
        const outcome = await work(item);
        if (outcome.ok) return outcome.value;
        failed ??= outcome;
        return undefined;
      } catch (error) {
        void places.close();
        throw error;
      } finally {
        places.giveBack();
      }
    }),
  );
  return failed ?? success(values as readonly R[]);
}
