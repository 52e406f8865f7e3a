// Keeps replies below the bus's limit. A text that no message can hold is cut and marked, and the engine never writes a marked
// text back. Of many items the reply holds as many as fit; whoever misses one asks for it again. Versions are computed before
// this, from the whole text.
import { type Item, type ItemRead, maxMessageBytes } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';

const { messageReserveShare, itemReserveBytes } = watcherConfig.operations;
const roomBytes = Math.floor(maxMessageBytes * (1 - messageReserveShare));

/** The item with each text cut to what a message can hold beside everything else that an item says. */
export function withFittingTexts(item: Item): Item {
  const cut = Object.entries(item.content).flatMap(([field, value]) => {
    if (!isText(value)) return [];
    const content = cutToBytes(value.content, roomBytes - itemReserveBytes);
    return content === value.content ? [] : [[field, { ...value, content, truncated: true }] as const];
  });
  return cut.length === 0 ? item : { ...item, content: { ...item.content, ...Object.fromEntries(cut) } };
}

/** The first results that fit into one message, at least one. */
export function thoseThatFit<T extends ItemRead | Item>(results: readonly T[]): readonly T[] {
  let bytes = 0;
  const fitting = results.findIndex((result) => {
    bytes += Buffer.byteLength(JSON.stringify(result)) + 1;
    return bytes > roomBytes;
  });
  return fitting === -1 ? results : results.slice(0, Math.max(1, fitting));
}

const isText = (value: unknown): value is { readonly content: string } =>
  typeof value === 'object' && value !== null && 'content' in value && typeof value.content === 'string';

/** The longest beginning, roughly, whose JSON has at most so many bytes; never half a character. */
function cutToBytes(text: string, maxBytes: number): string {
  let fitting = text;
  for (;;) {
    const bytes = Buffer.byteLength(JSON.stringify(fitting));
    if (bytes <= maxBytes) return fitting;
    const chars = Math.min(fitting.length - 1, Math.floor((fitting.length * maxBytes) / bytes));
    fitting = fitting.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '');
  }
}
