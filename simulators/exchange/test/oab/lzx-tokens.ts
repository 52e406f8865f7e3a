// Finds repetitions: a frame of bytes becomes literals and matches, with the three last offsets that LZX remembers.

/** What stays from frame to frame of one stream. */
export interface Offsets {
  r0: number;
  r1: number;
  r2: number;
}

export type Token =
  | { readonly kind: 'literal'; readonly byte: number }
  | { readonly kind: 'match'; readonly length: number; readonly slot: number; readonly footer: number };

const minMatch = 3;
const footerBitsOfSlot = (slot: number): number => (slot < 4 ? 0 : slot < 36 ? (slot >> 1) - 1 : 17);

/** How many bits follow a slot, and from where they count. */
export class Slots {
  readonly bases: readonly number[];

  /** Enough slots for every offset inside the window (MS-PATCH 2.6: 17 bits have 34, 25 bits have 290). */
  constructor(windowBytes: number) {
    const bases: number[] = [];
    for (let base = 0; base < windowBytes; base += 2 ** footerBitsOfSlot(bases.length - 1)) bases.push(base);
    this.bases = bases;
  }

  footerBits(slot: number): number {
    return footerBitsOfSlot(slot);
  }

  /** Slots 0 to 2 stand for the remembered offsets, so what is written is the offset plus two. */
  match(length: number, offset: number): Token {
    const written = offset + 2;
    const above = this.bases.findIndex((base) => base > written);
    const slot = (above === -1 ? this.bases.length : above) - 1;
    return { kind: 'match', length, slot, footer: written - (this.bases[slot] ?? 0) };
  }
}

/** Looks no further than the last place with the same three bytes; a match never leaves its frame. */
export class MatchFinder {
  readonly #content: Uint8Array;
  readonly #slots: Slots;
  readonly #lastPlace = new Map<number, number>();
  readonly #offsets: Offsets;

  constructor(content: Uint8Array, slots: Slots, offsets: Offsets) {
    this.#content = content;
    this.#slots = slots;
    this.#offsets = offsets;
  }

  tokens(start: number, end: number): readonly Token[] {
    const found: Token[] = [];
    for (let at = start; at < end; ) {
      const { length, offset } = this.#longest(at, end);
      const step = length >= minMatch ? length : 1;
      if (step > 1) found.push(this.#match(length, offset));
      else found.push({ kind: 'literal', byte: this.#content[at] ?? 0 });
      for (let place = at; place < at + step; place += 1) this.#lastPlace.set(this.#key(place), place);
      at += step;
    }
    return found;
  }

  /** Bytes that are stored are there for later matches too. */
  skip(start: number, end: number): void {
    for (let place = start; place < end; place += 1) this.#lastPlace.set(this.#key(place), place);
  }

  #longest(at: number, end: number): { readonly length: number; readonly offset: number } {
    const { r0, r1, r2 } = this.#offsets;
    let best = { length: 0, offset: 0 };
    for (const offset of [r0, r1, r2, at - (this.#lastPlace.get(this.#key(at)) ?? at)]) {
      const length = offset < 1 || offset > at ? 0 : this.#lengthAt(at, at - offset, end);
      if (length > best.length) best = { length, offset };
    }
    return best;
  }

  #lengthAt(at: number, earlier: number, end: number): number {
    let length = 0;
    while (at + length < end && this.#content[at + length] === this.#content[earlier + length]) length += 1;
    return length;
  }

  #match(length: number, offset: number): Token {
    const last = this.#offsets;
    const slot = [last.r0, last.r1, last.r2].indexOf(offset);
    if (slot === 1) [last.r0, last.r1] = [offset, last.r0];
    if (slot === 2) [last.r0, last.r2] = [offset, last.r0];
    if (slot !== -1) return { kind: 'match', length, slot, footer: 0 };
    [last.r0, last.r1, last.r2] = [offset, last.r0, last.r1];
    return this.#slots.match(length, offset);
  }

  #key(at: number): number {
    const content = this.#content;
    return ((content[at] ?? 0) << 16) | ((content[at + 1] ?? 0) << 8) | (content[at + 2] ?? 0);
  }
}
