// The stream of digits that says for each part of a span how busy somebody is.
import type { ItemView } from '../store/item-view.ts';

/** Somebody who works elsewhere can be met, and counts as free. */
const digits: Readonly<Record<string, number>> = { Tentative: 1, Busy: 2, OOF: 3, NoData: 4 };

/** One digit a part; where appointments overlap, the highest. The last part may be cut by the end of the span. */
export function mergedFreeBusy(
  appointments: readonly ItemView[],
  span: { readonly from: number; readonly to: number },
  partMs: number,
): string {
  const parts: number[] = Array(Math.ceil((span.to - span.from) / partMs)).fill(0);
  for (const { values } of appointments) {
    const digit = digits[String(values['LegacyFreeBusyStatus'] ?? 'Busy')] ?? 0;
    const start = Math.max(0, Math.floor((Number(values['Start']) - span.from) / partMs));
    const end = Math.min(parts.length, Math.ceil((Number(values['End']) - span.from) / partMs));
    for (let part = start; part < end; part += 1) parts[part] = Math.max(parts[part] ?? 0, digit);
  }
  return parts.join('');
}
