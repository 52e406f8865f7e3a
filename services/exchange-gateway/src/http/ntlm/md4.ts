// MD4 (RFC 1320), with which Windows hashes passwords. Broken for everything else, and OpenSSL 3 has it no longer.

const padded = (message: Buffer): Buffer => {
  const blocks = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(blocks);
  blocks[message.length] = 0x80;
  blocks.writeBigUInt64LE(BigInt(message.length) * 8n, blocks.length - 8);
  return blocks;
};

const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Of each round: what mixes three words, what is added, how far is rotated, and which word of the block comes at a step. */
const rounds = [
  {
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
    added: 0,
    shifts: [3, 7, 11, 19],
    word: (step: number) => step,
  },
  {
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    added: 0x5a827999,
    shifts: [3, 5, 9, 13],
    word: (step: number) => (step % 4) * 4 + Math.floor(step / 4),
  },
  {
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
    added: 0x6ed9eba1,
    shifts: [3, 9, 11, 15],
    // The four bits of the step, backwards.
    word: (step: number) => ((step & 1) << 3) | ((step & 2) << 1) | ((step & 4) >> 1) | ((step & 8) >> 3),
  },
] as const;

/** The digest, 16 bytes. */
export function md4(message: Buffer): Buffer {
  const blocks = padded(message);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < blocks.length; at += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (const { mix, added, shifts, word } of rounds) {
      for (let step = 0; step < 16; step++) {
        const sum = (a + mix(b, c, d) + blocks.readInt32LE(at + word(step) * 4) + added) | 0;
        [a, b, c, d] = [d, rotated(sum, shifts[step % 4] ?? 0), b, c];
      }
    }
    for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index] ?? 0) + value;
  }
  const digest = Buffer.alloc(16);
  for (const [index, value] of state.entries()) digest.writeInt32LE(value, index * 4);
  return digest;
}
