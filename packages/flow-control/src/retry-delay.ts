// The one delay before a retry: it doubles, it is capped, and chance spreads it over its whole length, so that many who failed
// together do not come back together. A pause that the other side asked for (the hint) is never shortened.
// delay = random · min(maxMs, baseMs · 2^(attempt − 1)), at least minMs; with a hint at least min(hint, maxHintMs), and up to a
// fifth more.

export interface DelayBounds {
  /** The longest delay before the first retry. */
  readonly baseMs: number;
  /** The longest delay of all. */
  readonly maxMs: number;
  /** The shortest; 0 unless given. */
  readonly minMs?: number;
  /** The longest hint that is followed, against a damaged one; `maxMs` unless given. */
  readonly maxHintMs?: number;
}

/** 2 to this power is above every cap and still a whole number. */
const mostDoublings = 40;
const hintSpread = 0.2;

/** `min(maxMs, baseMs · 2^(attempt − 1))`: what grows with each failure in a row, without chance. `attempt` counts from 1. */
export function doubledMs(attempt: number, { baseMs, maxMs }: Pick<DelayBounds, 'baseMs' | 'maxMs'>): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(0, attempt - 1), mostDoublings));
}

/**
 * Whole milliseconds to wait after failure number `attempt` in a row (from 1). `random` gives numbers in [0, 1); `hintMs` is
 * the pause that the other side asked for.
 */
export function retryDelayMs(attempt: number, bounds: DelayBounds, random: () => number, hintMs?: number): number {
  const { minMs = 0, maxHintMs = bounds.maxMs } = bounds;
  const delayMs = Math.max(minMs, random() * doubledMs(attempt, bounds));
  if (hintMs === undefined) return Math.round(delayMs);
  return Math.ceil(Math.max(delayMs, Math.min(hintMs, maxHintMs) * (1 + hintSpread * random())));
}
