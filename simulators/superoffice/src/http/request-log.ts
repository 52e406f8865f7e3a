// What was asked and what was answered, for the control API. Bounded: the oldest entries go first.

export interface LogEntry {
  readonly method: string;
  readonly path: string;
  /** Login of the caller, empty when unknown. */
  readonly account: string;
  readonly started: string;
  readonly ended: string | null;
  /** 0 while unanswered, or when the connection ended without an answer. */
  readonly status: number;
}

interface OpenEntry {
  readonly method: string;
  readonly path: string;
  readonly account: string;
  readonly startedMs: number;
  endedMs: number;
  status: number;
}

export class RequestLog {
  readonly #limit: number;
  readonly #entries: OpenEntry[] = [];
  #inFlight = 0;
  #peak = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes a request; call the returned function once when it ended. */
  begin(method: string, path: string, account: string, nowMs: number): (status: number, endMs: number) => void {
    const entry: OpenEntry = { method, path, account, startedMs: nowMs, endedMs: 0, status: 0 };
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.splice(0, Math.ceil(this.#limit / 10));
    this.#inFlight++;
    this.#peak = Math.max(this.#peak, this.#inFlight);
    return (status, endMs) => {
      if (entry.endedMs !== 0) return;
      entry.endedMs = endMs;
      entry.status = status;
      this.#inFlight--;
    };
  }

  /** Highest number of requests at a time since the last clear. */
  get peakInFlight(): number {
    return this.#peak;
  }

  entries(): readonly LogEntry[] {
    return this.#entries.map(({ startedMs, endedMs, ...entry }) => ({
      ...entry,
      started: new Date(startedMs).toISOString(),
      ended: endedMs === 0 ? null : new Date(endedMs).toISOString(),
    }));
  }

  clear(): void {
    this.#entries.length = 0;
    this.#peak = this.#inFlight;
  }
}
