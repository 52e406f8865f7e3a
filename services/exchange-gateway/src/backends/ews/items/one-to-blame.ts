// One item that cannot be read must not keep others from being read. A request for many that fails as a whole is halved until the
// one to blame is found; it alone fails. That the server is well is shown before anybody is blamed: by another answer of the same
// question, or by a witness; an ill server would else make every item look bad.
import { type CodedError, codedError, type Outcome, success } from '@lockstep/contracts';

export interface Question<R> {
  readonly ids: readonly string[];
  /** Asks for these; the answer may leave some out. */
  readonly request: (ids: readonly string[]) => Promise<Outcome<ReadonlyMap<string, R>>>;
  /** Something small that succeeds while the server and the mailbox are well. */
  readonly witness: () => Promise<Outcome<unknown>>;
  readonly blamed: (id: string, error: CodedError) => R;
}

/** Everything that was found out before the first failure that no item is to blame for; that failure when there is nothing. */
export async function askForEach<R>(question: Question<R>): Promise<Outcome<ReadonlyMap<string, R>>> {
  const asking = new Asking(question);
  const error = await asking.gather(question.ids);
  return error === undefined || asking.found.size > 0 ? success(asking.found) : { ok: false, error };
}

class Asking<R> {
  readonly found = new Map<string, R>();
  readonly #question: Question<R>;
  #serverIsWell = false;

  constructor(question: Question<R>) {
    this.#question = question;
  }

  /** At most 2 n requests by halving, and 2 n more where each has to be asked for alone. Gives back what ends it all. */
  async gather(ids: readonly string[]): Promise<CodedError | undefined> {
    const error = await this.#take(ids);
    const left = ids.filter((id) => !this.found.has(id));
    if (left.length === 0) return undefined;
    if (error !== undefined && !mayBeOfOneItem(error)) return error;
    const [only] = ids;
    if (only !== undefined && ids.length === 1) return this.#blame(only, error ?? leftOut);
    // What a good answer left out is asked for again, each alone: nobody can tell which of them it stumbled over.
    const parts = error === undefined ? left.map((id) => [id]) : halves(ids);
    for (const part of parts) {
      const ending = await this.gather(part);
      if (ending !== undefined) return ending;
    }
    return undefined;
  }

  async #take(ids: readonly string[]): Promise<CodedError | undefined> {
    const answer = await this.#question.request(ids);
    if (!answer.ok) return answer.error;
    for (const [id, result] of answer.value) this.found.set(id, result);
    if (answer.value.size > 0) this.#serverIsWell = true;
    return undefined;
  }

  async #blame(id: string, error: CodedError): Promise<CodedError | undefined> {
    if (!this.#serverIsWell) {
      const seen = await this.#question.witness();
      if (!seen.ok) return error;
      this.#serverIsWell = true;
    }
    // Asked once more: what failed by chance is not the item's fault.
    const again = await this.#take([id]);
    if (this.found.has(id)) return undefined;
    if (again !== undefined && !mayBeOfOneItem(again)) return again;
    this.found.set(id, this.#question.blamed(id, again ?? error));
    return undefined;
  }
}

const leftOut = codedError('exchange-reply-unreadable', { detail: 'the answer leaves it out' });

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const middle = list.length >> 1;
  return [list.slice(0, middle), list.slice(middle)];
}

/** Faults of a whole request that a single item can cause. Everything else is the mailbox's, the server's or ours. */
export function mayBeOfOneItem({ code, detail = '' }: CodedError): boolean {
  if (code === 'exchange-transient') return causedByItems.has(detail);
  return (
    code === 'exchange-reply-unreadable' || code === 'exchange-item-refused' || code === 'exchange-request-refused'
  );
}

/** What Exchange says when it stumbles over something, as a fault or without SOAP. */
const causedByItems: ReadonlySet<string> = new Set([
  '',
  'ErrorInternalServerError',
  'ErrorInternalServerTransientError',
  'ErrorBatchProcessingStopped',
  'Server',
  'InternalServiceFault',
  'HTTP 500',
]);
