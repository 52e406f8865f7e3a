// The parts of the window in the order in which a full compare lists them: nearest dates first, since those are what a
// person looks at while a first load is still running.
import type { Instant } from '@lockstep/contracts';
import { compareParts } from '../config.ts';

export interface Segment {
  readonly from: Instant;
  readonly to: Instant;
}

const dayMs = 86_400_000;
const { firstDays, widestDays } = compareParts;

/** Parts of 7 days outward from `middle`, in turn after and before it, doubling up to 56 days. Covers `[from, to)` exactly. */
export function segmentsOf(window: Segment, middle: Instant): readonly Segment[] {
  const [low, high] = [Date.parse(window.from), Date.parse(window.to)];
  let after = clamp(Date.parse(middle), low, high);
  let before = after;
  const segments: Segment[] = [];
  for (let days: number = firstDays; before > low || after < high; days = Math.min(days * 2, widestDays)) {
    const later = Math.min(high, after + days * dayMs);
    if (later > after) segments.push(segment(after, later));
    const earlier = Math.max(low, before - days * dayMs);
    if (earlier < before) segments.push(segment(earlier, before));
    after = later;
    before = earlier;
  }
  return segments;
}

function segment(fromMs: number, toMs: number): Segment {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
