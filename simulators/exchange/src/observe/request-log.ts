// What was asked of the server, request by request, and how many requests were open at once.
// A socket that the client closed is not open any more: it ends its record at once.

export interface RequestRecord {
  readonly seq: number;
  readonly clientRequestId: string | undefined;
  account: string | undefined;
  mailbox: string | undefined;
  budgetOwner: string | undefined;
  operation: string | undefined;
  readonly startedMs: number;
  endedMs: number | undefined;
  status: number | undefined;
  responseCode: string | undefined;
  closedByClient: boolean;
  /** Requests of the same account that were open when this one began, itself included. */
  inFlight: number | undefined;
  /** From when it was a hanging connection, which no longer counts as in flight. */
  streamingSinceMs: number | undefined;
  /** A script changed what happened. */
  fault: string | undefined;
}

export interface Peak {
  now: number;
  peak: number;
}

export class RequestLog {
  readonly #capacity: number;
  readonly #nowMs: () => number;
  readonly #records: RequestRecord[] = [];
  readonly #peaks = {
    accounts: new Map<string, Peak>(),
    budgets: new Map<string, Peak>(),
    streams: new Map<string, Peak>(),
  };
  #seq = 0;

  /** @param capacity how many records are kept; the oldest go first */
  constructor(capacity: number, nowMs: () => number = Date.now) {
    this.#capacity = capacity;
    this.#nowMs = nowMs;
  }

  begin(clientRequestId: string | undefined): RequestRecord {
    this.#seq += 1;
    const record: RequestRecord = {
      seq: this.#seq,
      clientRequestId,
      account: undefined,
      mailbox: undefined,
      budgetOwner: undefined,
      operation: undefined,
      startedMs: this.#nowMs(),
      endedMs: undefined,
      status: undefined,
      responseCode: undefined,
      closedByClient: false,
      inFlight: undefined,
      streamingSinceMs: undefined,
      fault: undefined,
    };
    this.#records.push(record);
    if (this.#records.length > this.#capacity) this.#records.shift();
    return record;
  }

  /** The account is known: from now on the request counts. */
  identify(record: RequestRecord, account: string): void {
    record.account = account;
    record.inFlight = raise(this.#peaks.accounts, account);
  }

  charge(record: RequestRecord, budgetOwner: string): void {
    record.budgetOwner = budgetOwner;
    raise(this.#peaks.budgets, budgetOwner);
  }

  /** The answer became a hanging connection, which has a limit of its own. */
  stream(record: RequestRecord): void {
    if (record.endedMs !== undefined) return;
    this.#lower(record);
    record.streamingSinceMs = this.#nowMs();
    if (record.account !== undefined) raise(this.#peaks.streams, record.account);
  }

  /** Ends a record once; later calls change nothing. */
  end(record: RequestRecord, closedByClient: boolean): void {
    if (record.endedMs !== undefined) return;
    record.endedMs = this.#nowMs();
    record.closedByClient = closedByClient;
    if (record.streamingSinceMs === undefined) this.#lower(record);
    else lower(this.#peaks.streams, record.account);
  }

  #lower(record: RequestRecord): void {
    lower(this.#peaks.accounts, record.account);
    lower(this.#peaks.budgets, record.budgetOwner);
  }

  /** Records after a sequence number, oldest first. */
  after(seq: number, account?: string): readonly RequestRecord[] {
    return this.#records.filter((each) => each.seq > seq && (account === undefined || each.account === account));
  }

  peaks(): Readonly<Record<'accounts' | 'budgets' | 'streams', Readonly<Record<string, Peak>>>> {
    const { accounts, budgets, streams } = this.#peaks;
    return {
      accounts: Object.fromEntries(accounts),
      budgets: Object.fromEntries(budgets),
      streams: Object.fromEntries(streams),
    };
  }

  /** Peaks begin anew at what is open now. */
  resetPeaks(): void {
    for (const table of Object.values(this.#peaks)) {
      for (const [name, each] of table) {
        if (each.now === 0) table.delete(name);
        else each.peak = each.now;
      }
    }
  }
}

function raise(table: Map<string, Peak>, name: string): number {
  const entry = table.get(name) ?? { now: 0, peak: 0 };
  entry.now += 1;
  entry.peak = Math.max(entry.peak, entry.now);
  table.set(name, entry);
  return entry.now;
}

function lower(table: Map<string, Peak>, name: string | undefined): void {
  const entry = name === undefined ? undefined : table.get(name);
  if (entry !== undefined) entry.now -= 1;
}
