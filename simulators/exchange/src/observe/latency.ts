// How long the server takes: a base, a part by operation, and, beyond its capacity, longer in proportion to the load.
// With n requests open and capacity c a request takes base x max(1, n / c), which is what a queue in front of c workers does.

export interface LatencySettings {
  readonly baseMs?: number;
  /** Requests that are served without waiting for each other. */
  readonly capacity?: number;
  /** Instead of the base, by operation. */
  readonly operations?: Readonly<Record<string, number>>;
}

export class Latency {
  #settings: LatencySettings = {};

  set(settings: LatencySettings): void {
    this.#settings = settings;
  }

  get settings(): LatencySettings {
    return this.#settings;
  }

  /** Milliseconds for one request. @param open how many are open, this one included */
  of(operation: string, open: number): number {
    const { baseMs = 0, capacity = Number.POSITIVE_INFINITY, operations = {} } = this.#settings;
    const own = operations[operation] ?? baseMs;
    return Math.round(own * Math.max(1, open / capacity));
  }
}
