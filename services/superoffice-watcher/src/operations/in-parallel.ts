// Runs work on many things, so many at a time, and gives the results in order.

/** Stops starting further work after the first exception, which it throws. */
export async function inParallel<T, R>(
  items: readonly T[],
  running: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const position = next++;
      const item = items[position];
      if (item !== undefined) results[position] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(running, items.length) }, worker));
  return results;
}
