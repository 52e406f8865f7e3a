// The parts in which a full compare lists a mailbox: kind by kind; of a kind that is listed by time the window in pieces,
// nearest dates first, since those are what a person looks at while a first load is still running.
import { type Instant, type ItemKind, itemKinds } from '@lockstep/contracts';
import { kindOf } from '@lockstep/items';
import { compareParts } from '../config.ts';

export interface Segment {
  readonly from: Instant;
  readonly to: Instant;
}

/** What is listed at a time: without a segment everything of the kind. */
export interface Part {
  readonly kind: ItemKind;
  readonly segment: Segment | undefined;
}

/** Kinds are only ever added at the end, so that a stored position means the same part in a later release. */
export function partsOf(window: Segment, middle: Instant): readonly Part[] {
  return itemKinds.flatMap((kind): readonly Part[] =>
    kindOf(kind).listedByTime
      ? segmentsOf(window, middle).map((segment) => ({ kind, segment }))
      : [{ kind, segment: undefined }],
  );
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
