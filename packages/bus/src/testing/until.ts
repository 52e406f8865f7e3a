// Waits for a condition instead of a time. The limit only bounds a failing test; no test measures by it.

/** Polls until the condition is true (or a value that is not undefined or false comes) and returns it. */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what = 'the condition',
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
