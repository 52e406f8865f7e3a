// The bit stream of LZX: bits fill 16-bit words from the top, and a word is written with its low byte first.

export class BitWriter {
  readonly #bytes: number[] = [];
  #word = 0;
  #used = 0;

  /** The low `count` bits of `value`, highest first. @param count at most 32 */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.#word = (this.#word << 1) | ((value >>> bit) & 1);
      this.#used += 1;
      if (this.#used === 16) this.#flush();
    }
  }

  /** Zero bits up to the next word; none when a word has just ended. */
  align(): void {
    if (this.#used > 0) this.write(0, 16 - this.#used);
  }

  /** Before raw bytes at least one bit is spent: a stream that stands at a word's end loses a whole word. */
  alignForBytes(): void {
    this.write(0, 16 - this.#used);
  }

  /** Whole bytes, only right after an alignment. */
  bytes(content: Uint8Array): void {
    for (const byte of content) this.#bytes.push(byte);
  }

  finish(): Buffer {
    this.align();
    return Buffer.from(this.#bytes);
  }

  #flush(): void {
    this.#bytes.push(this.#word & 0xff, this.#word >>> 8);
    this.#word = 0;
    this.#used = 0;
  }
}
