// Where in something: evenly spread, which fast-check's doubles are not (most are next to nothing, so all cases hit the start).
import fc from 'fast-check';

const parts = 1_000_000;

/** From 0 up to, and not, 1. Shrinks towards 0. */
export const share: fc.Arbitrary<number> = fc.noBias(fc.nat(parts - 1)).map((part) => part / parts);

/** The element at a share of the list. @throws RangeError for an empty list */
export function pick<T>(all: readonly T[], at: number): T {
  const found = all[Math.floor(at * all.length)];
  if (found === undefined) throw new RangeError('There is nothing to pick from.');
  return found;
}
