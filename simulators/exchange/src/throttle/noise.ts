// Failures at random, as the front end of a busy server gives them: drawn from a seeded generator, so that a run can be repeated.

export type NoiseKind = 'http503' | 'html500' | 'http401' | 'redirect' | 'reset';

export interface NoiseSettings {
  /** Share of the requests that are met, 0 to 1. */
  readonly probability: number;
  readonly kinds: readonly NoiseKind[];
  readonly seed: number;
  /** So many requests in a row are met once one is. */
  readonly burst: number;
}

export const silence: NoiseSettings = { probability: 0, kinds: [], seed: 1, burst: 1 };

export class Noise {
  #settings: NoiseSettings = silence;
  #state = 1;
  #left = 0;
  #kind: NoiseKind | undefined;

  set(settings: NoiseSettings): void {
    this.#settings = settings;
    this.#state = settings.seed >>> 0 || 1;
    this.#left = 0;
  }

  get settings(): NoiseSettings {
    return this.#settings;
  }

  /** What happens to the next request; undefined mostly. */
  next(): NoiseKind | undefined {
    const { probability, kinds, burst } = this.#settings;
    if (kinds.length === 0) return undefined;
    if (this.#left === 0) {
      if (this.#random() >= probability) return undefined;
      this.#left = burst;
      this.#kind = kinds[Math.floor(this.#random() * kinds.length)];
    }
    this.#left -= 1;
    return this.#kind;
  }

  /** mulberry32 */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}
