// Canonical Huffman codes with a limit on their length, as LZX wants them: complete, or not there at all.
import type { BitWriter } from './bit-writer.ts';

/** Adds up how often a symbol comes. */
export function countSymbols(symbols: Iterable<number>, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1;
  return counts;
}

/**
 * Code lengths by symbol; 0 for a symbol that does not come. One symbol alone gets a companion, because decoders refuse
 * a code that leaves bit patterns without a meaning. A code that would be too long is made flatter, not optimal.
 */
export function codeLengths(counts: readonly number[], maxLength: number): number[] {
  const lengths = new Array<number>(counts.length).fill(0);
  const used = [...counts.keys()].filter((symbol) => (counts[symbol] ?? 0) > 0);
  if (used.length === 0) return lengths;
  if (used.length === 1) used.push(used[0] === 0 ? 1 : 0);
  for (let flatten = 0; ; flatten += 1) {
    const depths = treeDepths(used.map((symbol) => ((counts[symbol] ?? 0) >> flatten) + 1));
    if (Math.max(...depths) > maxLength) continue;
    for (const [index, symbol] of used.entries()) lengths[symbol] = depths[index] ?? 0;
    return lengths;
  }
}

interface Node {
  readonly weight: number;
  readonly leaves: readonly number[];
}

function treeDepths(weights: readonly number[]): readonly number[] {
  const depths = weights.map(() => 0);
  const leaves: Node[] = weights.map((weight, leaf) => ({ weight, leaves: [leaf] })).sort(byWeight);
  const joined: Node[] = [];
  const lightest = (): Node | undefined => {
    const [leaf, pair] = [leaves[0], joined[0]];
    const takeLeaf = leaf !== undefined && (pair === undefined || leaf.weight <= pair.weight);
    return takeLeaf ? leaves.shift() : joined.shift();
  };
  for (;;) {
    const [a, b] = [lightest(), lightest()];
    if (a === undefined || b === undefined) return depths;
    const node = { weight: a.weight + b.weight, leaves: [...a.leaves, ...b.leaves] };
    for (const leaf of node.leaves) depths[leaf] = (depths[leaf] ?? 0) + 1;
    joined.push(node);
  }
}

const byWeight = (a: Node, b: Node): number => a.weight - b.weight;

/** Writes symbols in the canonical code of these lengths: shorter codes first, then by symbol. */
export class HuffmanWriter {
  readonly #lengths: readonly number[];
  readonly #codes: readonly number[];

  constructor(lengths: readonly number[]) {
    this.#lengths = lengths;
    const codes = lengths.map(() => 0);
    const order = [...lengths.keys()].filter((symbol) => lengths[symbol] !== 0);
    order.sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
    let code = 0;
    let length = 0;
    for (const symbol of order) {
      code <<= (lengths[symbol] ?? 0) - length;
      length = lengths[symbol] ?? 0;
      codes[symbol] = code;
      code += 1;
    }
    this.#codes = codes;
  }

  /** @throws RangeError for a symbol without a code */
  write(out: BitWriter, symbol: number): void {
    const length = this.#lengths[symbol] ?? 0;
    if (length === 0) throw new RangeError(`The symbol ${symbol} has no code.`);
    out.write(this.#codes[symbol] ?? 0, length);
  }
}
