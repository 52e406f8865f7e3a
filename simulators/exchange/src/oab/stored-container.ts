// The .lzx container with stored blocks only: what a decoder of the format reads to the same bytes, without a compressor.
import { crc32 } from 'node:zlib';
import { u32 } from './details-writer.ts';

const blockBytes = 0x8000;
const stored = 0;

/** @returns header (version 3.1), then blocks until all is out */
export function writeStored(content: Buffer): Buffer {
  const parts = [u32(3), u32(1), u32(blockBytes), u32(content.length)];
  for (let offset = 0; offset < content.length; offset += blockBytes) {
    const block = content.subarray(offset, offset + blockBytes);
    parts.push(u32(stored), u32(block.length), u32(block.length), u32(checksum(block)), block);
  }
  return Buffer.concat(parts);
}

/** CRC-32 with seed 0xFFFFFFFF and no inversion at the end. */
export function checksum(block: Buffer): number {
  return (crc32(block) ^ 0xffffffff) >>> 0;
}
