// How LZX writes the lengths of a code: as differences to the block before, with runs, in a small code of their own.
import type { BitWriter } from './bit-writer.ts';
import { codeLengths, countSymbols, HuffmanWriter } from './huffman.ts';

interface Step {
  readonly symbol: number;
  readonly extra: number;
  readonly extraBits: number;
  /** For a run of equal lengths: their difference. */
  readonly difference?: number;
}

const shortZeros = { symbol: 17, from: 4, bits: 4 };
const longZeros = { symbol: 18, from: 20, bits: 5 };
const same = { symbol: 19, from: 4, bits: 1 };

export function writeLengths(out: BitWriter, before: readonly number[], now: readonly number[]): void {
  const steps = stepsOf(before, now);
  const symbols = steps.flatMap(({ symbol, difference }) =>
    difference === undefined ? [symbol] : [symbol, difference],
  );
  const lengths = codeLengths(countSymbols(symbols, 20), 15);
  for (const length of lengths) out.write(length, 4);
  const code = new HuffmanWriter(lengths);
  for (const { symbol, extra, extraBits, difference } of steps) {
    code.write(out, symbol);
    out.write(extra, extraBits);
    if (difference !== undefined) code.write(out, difference);
  }
}

function stepsOf(before: readonly number[], now: readonly number[]): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < now.length; ) {
    const length = now[at] ?? 0;
    const run = runLength(now, at);
    const difference = ((before[at] ?? 0) - length + 17) % 17;
    const kind = length !== 0 ? same : run >= longZeros.from ? longZeros : shortZeros;
    if (run < kind.from) {
      steps.push({ symbol: difference, extra: 0, extraBits: 0 });
      at += 1;
      continue;
    }
    const extra = Math.min(run - kind.from, 2 ** kind.bits - 1);
    const step = { symbol: kind.symbol, extra, extraBits: kind.bits };
    steps.push(kind === same ? { ...step, difference } : step);
    at += kind.from + extra;
  }
  return steps;
}

function runLength(lengths: readonly number[], at: number): number {
  let end = at;
  while (end < lengths.length && lengths[end] === lengths[at]) end += 1;
  return end - at;
}
