// Writes LZX DELTA as MS-PATCH describes it: frames of 32 KiB, each with its size in front and here with one block in it.
// A test tool: it makes every kind of block that a decoder has to know, not small files.
import { BitWriter } from './bit-writer.ts';
import { codeLengths, countSymbols, HuffmanWriter } from './huffman.ts';
import { MatchFinder, type Offsets, Slots, type Token } from './lzx-tokens.ts';
import { writeLengths } from './pretree.ts';

export type BlockKind = 'verbatim' | 'aligned' | 'uncompressed';

export interface LzxOptions {
  readonly windowBytes: number;
  /** The kind of each frame's block in turn. */
  readonly kinds: readonly BlockKind[];
  /** The size that calls (byte E8) are translated with; 0 for no translation. */
  readonly translationSize: number;
}

const frameBytes = 0x8000;
const blockTypes: Readonly<Record<BlockKind, number>> = { verbatim: 1, aligned: 2, uncompressed: 3 };
const lengthSymbols = 249;
const longestPlainMatch = 257;

export function encodeLzx(plain: Buffer, options: LzxOptions): Buffer {
  const content = options.translationSize === 0 ? plain : translateCalls(plain, options.translationSize);
  return new Encoder(content, options).encode();
}

class Encoder {
  readonly #content: Buffer;
  readonly #options: LzxOptions;
  readonly #slots: Slots;
  readonly #finder: MatchFinder;
  readonly #offsets: Offsets = { r0: 1, r1: 1, r2: 1 };
  #mainLengths: readonly number[];
  #lengthLengths: readonly number[] = new Array<number>(lengthSymbols).fill(0);

  constructor(content: Buffer, options: LzxOptions) {
    this.#content = content;
    this.#options = options;
    this.#slots = new Slots(options.windowBytes);
    this.#finder = new MatchFinder(content, this.#slots, this.#offsets);
    this.#mainLengths = new Array<number>(256 + this.#slots.bases.length * 8).fill(0);
  }

  encode(): Buffer {
    const frames: Buffer[] = [];
    for (let start = 0; start < this.#content.length; start += frameBytes) {
      const frame = this.#frame(start, Math.min(start + frameBytes, this.#content.length));
      const size = Buffer.alloc(2);
      size.writeUInt16LE(frame.length);
      frames.push(size, frame);
    }
    return Buffer.concat(frames);
  }

  #frame(start: number, end: number): Buffer {
    const { kinds, translationSize } = this.#options;
    const kind = kinds[(start / frameBytes) % kinds.length] ?? 'verbatim';
    const out = new BitWriter();
    if (start === 0) {
      out.write(translationSize === 0 ? 0 : 1, 1);
      if (translationSize !== 0) out.write(translationSize, 32);
    }
    out.write(blockTypes[kind], 3);
    out.write(end - start, 24);
    if (kind === 'uncompressed') this.#store(out, start, end);
    else this.#compress(out, this.#finder.tokens(start, end), kind === 'aligned');
    return out.finish();
  }

  #store(out: BitWriter, start: number, end: number): void {
    out.alignForBytes();
    const { r0, r1, r2 } = this.#offsets;
    out.bytes(new Uint8Array(Uint32Array.of(r0, r1, r2).buffer));
    out.bytes(this.#content.subarray(start, end));
    if ((end - start) % 2 === 1) out.bytes(Uint8Array.of(0));
    this.#finder.skip(start, end);
  }

  #compress(out: BitWriter, tokens: readonly Token[], aligned: boolean): void {
    const main = codeLengths(countSymbols(tokens.map(mainSymbol), this.#mainLengths.length), 16);
    const length = codeLengths(countSymbols(tokens.flatMap(lengthFooter), lengthSymbols), 16);
    const low = aligned ? this.#writeAlignedTree(out, tokens) : undefined;
    writeLengths(out, this.#mainLengths.slice(0, 256), main.slice(0, 256));
    writeLengths(out, this.#mainLengths.slice(256), main.slice(256));
    writeLengths(out, this.#lengthLengths, length);
    this.#mainLengths = main;
    this.#lengthLengths = length;
    const trees = { main: new HuffmanWriter(main), length: new HuffmanWriter(length), low };
    for (const token of tokens) this.#writeToken(out, token, trees);
  }

  /** A tree for the low three bits of offsets; its lengths have three bits each. */
  #writeAlignedTree(out: BitWriter, tokens: readonly Token[]): HuffmanWriter {
    const low = tokens.flatMap((each) =>
      each.kind === 'match' && this.#slots.footerBits(each.slot) >= 3 ? [each.footer & 7] : [],
    );
    const lengths = codeLengths(countSymbols(low.length === 0 ? [0] : low, 8), 7);
    for (const each of lengths) out.write(each, 3);
    return new HuffmanWriter(lengths);
  }

  #writeToken(
    out: BitWriter,
    token: Token,
    trees: { readonly main: HuffmanWriter; readonly length: HuffmanWriter; readonly low: HuffmanWriter | undefined },
  ): void {
    trees.main.write(out, mainSymbol(token));
    if (token.kind === 'literal') return;
    for (const footer of lengthFooter(token)) trees.length.write(out, footer);
    const bits = this.#slots.footerBits(token.slot);
    if (trees.low !== undefined && bits >= 3) {
      out.write(token.footer >>> 3, bits - 3);
      trees.low.write(out, token.footer & 7);
    } else out.write(token.footer, bits);
    if (token.length >= longestPlainMatch) writeExtraLength(out, token.length - longestPlainMatch);
  }
}

function mainSymbol(token: Token): number {
  return token.kind === 'literal' ? token.byte : 256 + token.slot * 8 + Math.min(token.length - 2, 7);
}

function lengthFooter(token: Token): readonly number[] {
  return token.kind === 'match' && token.length >= 9 ? [Math.min(token.length, longestPlainMatch) - 9] : [];
}

/** Prefix, its bits, the bits that follow, and what is counted from (MS-PATCH 2.6). */
const extraLengths = [
  [0b0, 1, 8, 0],
  [0b10, 2, 10, 0x100],
  [0b110, 3, 12, 0x500],
  [0b111, 3, 15, 0],
] as const;

function writeExtraLength(out: BitWriter, extra: number): void {
  for (const [prefix, prefixBits, bits, base] of extraLengths) {
    if (extra - base >= 2 ** bits) continue;
    out.write(prefix, prefixBits);
    out.write(extra - base, bits);
    return;
  }
  throw new RangeError('The match is too long.');
}

/** Relative targets of calls become absolute, except in the last ten bytes of a frame. */
function translateCalls(plain: Buffer, size: number): Buffer {
  const content = Buffer.from(plain);
  for (let start = 0; start < content.length; start += frameBytes) {
    const end = Math.min(start + frameBytes, content.length) - 10;
    for (let at = start; at < end; at += 1) {
      if (content[at] !== 0xe8) continue;
      const relative = content.readInt32LE(at + 1);
      if (relative >= -at && relative < size) {
        content.writeInt32LE(relative < size - at ? relative + at : relative - size, at + 1);
      }
      at += 4;
    }
  }
  return content;
}
