// Faults by script: which requests are met, and what happens to them instead of, or besides, what they asked for.

export interface FaultMatch {
  readonly mailbox?: string;
  readonly account?: string;
  readonly operation?: string;
  /** How many matching requests pass first. */
  readonly skip?: number;
  /** How many are met then; null for all. */
  readonly count?: number | null;
}

export type FaultAction =
  /** A SOAP fault, HTTP 500. */
  | { readonly kind: 'fault'; readonly code: string; readonly text?: string; readonly backOffMs?: number }
  /** HTTP 200 with the code in each response message. */
  | { readonly kind: 'message'; readonly code: string; readonly text?: string; readonly backOffMs?: number }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** No answer, ever; the connection stays open until the client gives up. */
  | { readonly kind: 'hang' }
  /** The ordinary answer, later. */
  | { readonly kind: 'delay'; readonly ms: number };

export interface FaultScript {
  readonly match: FaultMatch;
  /** `before`: the request has no effect. `after`: it has, and then this. `later`: this now, the effect after `effectDelayMs`. */
  readonly when: 'before' | 'after' | 'later';
  readonly effectDelayMs?: number;
  readonly action: FaultAction;
}

export interface FaultSubject {
  readonly mailbox: string | undefined;
  readonly account: string;
  readonly operation: string;
}

interface Armed {
  readonly id: number;
  readonly script: FaultScript;
  seen: number;
  met: number;
}

/** The scripts in force, in the order in which they were added. The first that matches wins. */
export class FaultScripts {
  readonly #armed: Armed[] = [];
  readonly #capacity: number;
  #nextId = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @returns its number. @throws RangeError when there are too many */
  add(script: FaultScript): number {
    if (this.#armed.length >= this.#capacity) throw new RangeError('There are too many fault scripts.');
    const id = this.#nextId;
    this.#nextId += 1;
    this.#armed.push({ id, script, seen: 0, met: 0 });
    return id;
  }

  /** The script that meets this request, if any. Counts the request in all scripts that match. */
  take(subject: FaultSubject): FaultScript | undefined {
    let taken: FaultScript | undefined;
    for (const armed of this.#armed) {
      if (!fits(armed.script.match, subject)) continue;
      armed.seen += 1;
      const { skip = 0, count = 1 } = armed.script.match;
      if (taken !== undefined || armed.seen <= skip || (count !== null && armed.met >= count)) continue;
      armed.met += 1;
      taken = armed.script;
    }
    return taken;
  }

  list(): readonly {
    readonly id: number;
    readonly script: FaultScript;
    readonly seen: number;
    readonly met: number;
  }[] {
    return this.#armed;
  }

  remove(id: number): boolean {
    const index = this.#armed.findIndex((each) => each.id === id);
    if (index !== -1) this.#armed.splice(index, 1);
    return index !== -1;
  }

  clear(): void {
    this.#armed.length = 0;
  }
}

function fits(match: FaultMatch, subject: FaultSubject): boolean {
  const same = (wanted: string | undefined, actual: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === actual?.toLowerCase();
  return (
    same(match.mailbox, subject.mailbox) &&
    same(match.account, subject.account) &&
    same(match.operation, subject.operation)
  );
}
