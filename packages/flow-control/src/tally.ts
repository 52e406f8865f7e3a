/** How many tokens each payer has out; payers without one are not kept. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(payer: string): number {
    return this.#counts.get(payer) ?? 0;
  }

  count(payer: string, by: 1 | -1): void {
    const count = this.of(payer) + by;
    if (count === 0) this.#counts.delete(payer);
    else this.#counts.set(payer, count);
  }
}
