// Waiting for a condition, with a bound. The last reason why it did not hold is what the failure shows.

/** Repeats `check` until it does not throw; throws its last error when `withinMs` is over. Answers what it answered. */
export async function eventually<T>(withinMs: number, check: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
