// Faults by script: which request (method, path, account, n-th), when (before or after its effect) and what happens
// instead of the answer. `after` is the cruel one: the write is done and the caller never learns it.

export interface FaultRule {
  /** HTTP method; absent = any. */
  readonly method?: string;
  /** Path and query, `*` stands for anything; absent = any API path. */
  readonly path?: string;
  /** Login or e-mail address of the caller; absent = any. */
  readonly account?: string;
  /** The first matching request that it strikes, counted from 1. */
  readonly from?: number;
  /** How many it strikes; absent = all from there on. */
  readonly count?: number;
  readonly when?: 'before' | 'after';
  /** What the caller gets. Several may stand together: delay, then the rest. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly delayMs?: number;
  readonly hang?: boolean;
  readonly reset?: boolean;
}

export interface Fault extends FaultRule {
  readonly id: number;
  readonly struck: number;
}

interface ActiveFault {
  readonly id: number;
  readonly rule: FaultRule;
  readonly path: RegExp | undefined;
  seen: number;
  struck: number;
}

export class Faults {
  readonly #limit: number;
  readonly #faults: ActiveFault[] = [];
  #nextId = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns undefined when there are too many. */
  add(rule: FaultRule): Fault | undefined {
    if (this.#faults.length >= this.#limit) return undefined;
    const path = rule.path === undefined ? undefined : wildcard(rule.path);
    const fault = { id: this.#nextId++, rule, path, seen: 0, struck: 0 };
    this.#faults.push(fault);
    return describe(fault);
  }

  list(): readonly Fault[] {
    return this.#faults.map(describe);
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** The first fault that strikes this request; counting it is part of asking. */
  strike(method: string, path: string, accounts: readonly string[]): FaultRule | undefined {
    for (const fault of this.#faults) {
      const { rule } = fault;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      if (fault.path !== undefined && !fault.path.test(path)) continue;
      if (rule.account !== undefined && !accounts.includes(rule.account.toLowerCase())) continue;
      fault.seen++;
      const from = rule.from ?? 1;
      if (fault.seen < from || fault.struck >= (rule.count ?? Number.POSITIVE_INFINITY)) continue;
      fault.struck++;
      return rule;
    }
    return undefined;
  }
}

const describe = (fault: ActiveFault): Fault => ({ ...fault.rule, id: fault.id, struck: fault.struck });

function wildcard(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
