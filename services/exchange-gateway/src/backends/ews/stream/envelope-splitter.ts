// Cuts a streaming answer into its envelopes: the body is a sequence of complete SOAP documents, with or without a prefix or an
// XML declaration, whose borders are not those of the network's pieces. Characters may be cut in two as well.

const opening = /<(?:[\w.-]+:)?Envelope[\s>]/;

export class EnvelopeSplitter {
  readonly #maxChars: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #rest = '';
  /** Where to look on for the end, so that a long envelope is not searched again with each piece. */
  #searched = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** The envelopes that this piece completes. Throws when one is larger than the bound or the text is not UTF-8. */
  push(piece: Uint8Array): readonly string[] {
    this.#rest += this.#decoder.decode(piece, { stream: true });
    const envelopes: string[] = [];
    for (let envelope = this.#next(); envelope !== undefined; envelope = this.#next()) envelopes.push(envelope);
    if (this.#rest.length > this.#maxChars) throw new RangeError('a streaming message is too large');
    return envelopes;
  }

  #next(): string | undefined {
    const start = opening.exec(this.#rest)?.index;
    if (start === undefined) return undefined;
    const closing = /<\/(?:[\w.-]+:)?Envelope\s*>/g;
    closing.lastIndex = Math.max(start, this.#searched);
    if (closing.exec(this.#rest) === null) {
      // The end may be cut in the middle; prefixes are short.
      this.#searched = Math.max(0, this.#rest.length - 64);
      return undefined;
    }
    const envelope = this.#rest.slice(start, closing.lastIndex);
    this.#rest = this.#rest.slice(closing.lastIndex);
    this.#searched = 0;
    return envelope;
  }
}
