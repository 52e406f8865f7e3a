// Lets requests in by policy, each at the expense of its budget owner, and answers the others as Exchange documents it.
import { messageValues } from '../soap/envelope.ts';
import { EwsError, EwsFault } from '../soap/ews-error.ts';
import { Budget } from './budget.ts';
import { defaultPolicy, type ThrottlePolicy } from './policy.ts';

export interface Applicant {
  readonly owner: string;
  readonly operation: string;
  /** Items that a find may hold, and whether it has a filter. */
  readonly find: { readonly count: number; readonly filtered: boolean } | undefined;
}

/** A request that was let in. */
export interface Admission {
  /** From now on it is a hanging connection. @throws EwsFault when there are too many */
  becomeStream(): void;
  /** Milliseconds to hold back the next step. */
  delayMs(): number;
  /** Ends it; later calls change nothing. */
  leave(): void;
}

/** A request over its time budget. */
export class OverBudget extends Error {
  readonly backOffMs: number;
  readonly answer: ThrottlePolicy['busyAnswer'];

  constructor(backOffMs: number, answer: ThrottlePolicy['busyAnswer']) {
    super('The budget is used up.');
    this.name = 'OverBudget';
    this.backOffMs = backOffMs;
    this.answer = answer;
  }

  toEwsFault(): EwsFault {
    return new EwsFault('ErrorServerBusy', undefined, messageValues({ BackOffMilliseconds: this.backOffMs }));
  }
}

const syncOperations = new Set(['SyncFolderItems', 'SyncFolderHierarchy']);
/** Budgets that are full again and idle are forgotten when there are more than this. */
const maxIdleBudgets = 20_000;

export class Throttle {
  readonly #nowMs: () => number;
  readonly #budgets = new Map<string, Budget>();
  readonly #overrides = new Map<string, Partial<ThrottlePolicy>>();
  #policy: ThrottlePolicy = defaultPolicy;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Sets what is given, for all or for one owner. */
  setPolicy(change: Partial<ThrottlePolicy>, owner?: string): void {
    if (owner === undefined) this.#policy = { ...this.#policy, ...change };
    else this.#overrides.set(owner, { ...this.#overrides.get(owner), ...change });
  }

  /** Back to the defaults, with full budgets. */
  reset(): void {
    this.#policy = defaultPolicy;
    this.#overrides.clear();
    this.#budgets.clear();
  }

  policyOf(owner: string): ThrottlePolicy {
    const override = this.#overrides.get(owner);
    return override === undefined ? this.#policy : { ...this.#policy, ...override };
  }

  /** @throws EwsFault or OverBudget when it is not let in */
  admit(applicant: Applicant): Admission {
    const policy = this.policyOf(applicant.owner);
    const budget = this.#budgetOf(applicant.owner, policy);
    const isSync = syncOperations.has(applicant.operation);
    const backOffMs = budget.blockedForMs(policy);
    if (backOffMs !== undefined) throw new OverBudget(backOffMs, policy.busyAnswer);
    refuseOver(budget.requests, policy.maxConcurrency, 'MaxConcurrency');
    if (isSync) refuseOver(budget.syncCalls, policy.maxConcurrentSyncCalls, 'ConcurrentSyncCalls');
    const found = findShare(applicant, budget, policy);
    budget.requests += 1;
    budget.syncCalls += isSync ? 1 : 0;
    budget.found += found;
    return new Admitted(budget, policy, applicant.operation, { isSync, found }, this.#nowMs);
  }

  /** The error for one more subscription; undefined when it is allowed. @param mailbox its address: it pays */
  subscriptionError(mailbox: string, alive: number): EwsError | undefined {
    const { maxSubscriptions } = this.policyOf(mailbox);
    return maxSubscriptions !== null && alive >= maxSubscriptions
      ? new EwsError('ErrorExceededSubscriptionCount')
      : undefined;
  }

  describe(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.#budgets].map(([owner, budget]) => {
      const policy = this.policyOf(owner);
      const { requests, syncCalls, streams } = budget;
      return {
        owner,
        balanceMs: Math.round(budget.balanceMs(policy)),
        blockedForMs: budget.blockedForMs(policy),
        requests,
        syncCalls,
        streams,
      };
    });
  }

  #budgetOf(owner: string, policy: ThrottlePolicy): Budget {
    const known = this.#budgets.get(owner);
    if (known !== undefined) return known;
    if (this.#budgets.size >= maxIdleBudgets) this.#forgetIdle();
    const budget = new Budget(this.#nowMs, policy);
    this.#budgets.set(owner, budget);
    return budget;
  }

  #forgetIdle(): void {
    for (const [owner, budget] of this.#budgets) if (budget.isIdle(this.policyOf(owner))) this.#budgets.delete(owner);
  }
}

/** @throws EwsFault in the words of a captured one */
function refuseOver(open: number, limit: number | null, part: string): void {
  if (limit === null || open < limit) return;
  const detail = {
    Policy: part,
    [`${part}Limit`]: limit,
    ErrorMessage: `This operation exceeds the throttling budget for policy part '${part}', policy value '${limit}',  Budget type: 'Ews'.  Suggested backoff time 0 ms.`,
  };
  throw new EwsFault('ErrorExceededConnectionCount', undefined, messageValues(detail));
}

function findShare({ find }: Applicant, budget: Budget, policy: ThrottlePolicy): number {
  if (find === undefined) return 0;
  const limit = find.filtered ? policy.filteredFindCountLimit : policy.findCountLimit;
  if (limit === null) return find.count;
  const share = Math.min(find.count, limit);
  if (budget.found > 0 && budget.found + share > limit) throw new EwsFault('ErrorExceededFindCountLimit');
  return share;
}

class Admitted implements Admission {
  readonly #budget: Budget;
  readonly #policy: ThrottlePolicy;
  readonly #operation: string;
  readonly #share: { readonly isSync: boolean; readonly found: number };
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #state: 'request' | 'stream' | 'left' = 'request';

  constructor(
    budget: Budget,
    policy: ThrottlePolicy,
    operation: string,
    share: { isSync: boolean; found: number },
    nowMs: () => number,
  ) {
    this.#budget = budget;
    this.#policy = policy;
    this.#operation = operation;
    this.#share = share;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  becomeStream(): void {
    refuseOver(this.#budget.streams, this.#policy.hangingConnectionLimit, 'HangingConnection');
    if (this.#state !== 'request') return;
    this.#leaveRequest();
    this.#state = 'stream';
    this.#budget.streams += 1;
  }

  delayMs(): number {
    return this.#budget.delayMs(this.#policy);
  }

  leave(): void {
    if (this.#state === 'request') this.#leaveRequest();
    if (this.#state === 'stream') this.#budget.streams -= 1;
    this.#state = 'left';
  }

  #leaveRequest(): void {
    this.#budget.requests -= 1;
    this.#budget.syncCalls -= this.#share.isSync ? 1 : 0;
    this.#budget.found -= this.#share.found;
    const costMs = this.#policy.costMs[this.#operation] ?? this.#policy.costMs['*'] ?? 0;
    this.#budget.use(this.#nowMs() - this.#startedMs + costMs, this.#policy);
  }
}
