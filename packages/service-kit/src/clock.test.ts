import { describe, expect, it } from 'vitest';
import { createIds } from './clock.ts';

const at = (times: number[]) => createIds({ now: () => times.shift() ?? 5, monotonic: () => 0 });

describe('our ids', () => {
  it('are UUIDs of version 7 that begin with their time', () => {
    const id = at([Date.UTC(2026, 10, 22)]).uuidv7();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 22));
  });

  it('sort as they were made, within a millisecond and when the clock goes back', () => {
    const ids = at([1_000, ...Array<number>(10_000).fill(1_000), 400, 2_000]);
    const made = Array.from({ length: 10_003 }, () => ids.uuidv7());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});
