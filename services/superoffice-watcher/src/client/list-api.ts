// The administrator's lists that rows refer to. They change rarely and are asked for again after a while.
import { failure, type Outcome, success } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';
import { mdoList } from './entities.ts';
import { parseBody, type SuperOfficeCall, type SuperOfficeHttp } from './http.ts';

export interface ListedPriority {
  readonly id: number;
  readonly name: string;
}

export class ListApi {
  readonly #http: SuperOfficeHttp;
  readonly #monotonic: () => number;
  #priorities: { readonly at: number; readonly value: readonly ListedPriority[] } | undefined;

  /** @param monotonic milliseconds that never go back */
  constructor(http: SuperOfficeHttp, monotonic: () => number) {
    this.#http = http;
    this.#monotonic = monotonic;
  }

  /** The priorities of follow-ups that are in use, in the order of the list. */
  async priorities(signal: AbortSignal): Promise<Outcome<readonly ListedPriority[]>> {
    const known = this.#priorities;
    if (known !== undefined && this.#monotonic() - known.at < watcherConfig.calls.listsKeptMs)
      return success(known.value);
    const call: SuperOfficeCall = { name: 'get-list', method: 'GET', path: '/MDOList/priority', repeatable: true };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    if (sent.value.status !== 200) return failure('superoffice-refused', { detail: `HTTP ${sent.value.status}` });
    const list = parseBody(mdoList, call, sent.value.body);
    if (!list.ok) return list;
    const used = list.value.filter((entry) => entry.Deleted !== true);
    const value = used.map(({ Id: id, Name: name }) => ({ id, name: name ?? '' }));
    this.#priorities = { at: this.#monotonic(), value };
    return success(value);
  }
}
