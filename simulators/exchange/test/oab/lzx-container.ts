// The .lzx container of a full file, with blocks that are stored or compressed.
import { crc32 } from 'node:zlib';
import { encodeLzx, type LzxOptions } from './lzx-encoder.ts';

export interface ContainerOptions extends Omit<LzxOptions, 'windowBytes'> {
  readonly blockBytes: number;
  /** Every n-th block is stored, so that both kinds stand in one file; 0 for none. */
  readonly storeEvery: number;
}

const compressed = 1;

export function writeCompressed(content: Buffer, options: ContainerOptions): Buffer {
  const parts = [words(3, 1, options.blockBytes, content.length)];
  for (let offset = 0; offset < content.length; offset += options.blockBytes) {
    const block = content.subarray(offset, offset + options.blockBytes);
    const number = offset / options.blockBytes + 1;
    const stored = options.storeEvery > 0 && number % options.storeEvery === 0;
    const data = stored ? block : encodeLzx(block, { ...options, windowBytes: windowBytes(block.length) });
    parts.push(words(stored ? 0 : compressed, data.length, block.length, seededCrc(block)), data);
  }
  return Buffer.concat(parts);
}

/** A block is a stream of its own, in a window of at least 128 KiB that it fits in. */
function windowBytes(blockBytes: number): number {
  let bits = 17;
  while (bits < 25 && 2 ** bits < blockBytes) bits += 1;
  return 2 ** bits;
}

/** CRC-32 that starts at all ones and is not inverted at the end. */
export function seededCrc(block: Buffer): number {
  return ~crc32(block) >>> 0;
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}
