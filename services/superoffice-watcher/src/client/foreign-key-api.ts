// The stamp on a SuperOffice row: a foreign key below application `Lockstep`, device `exchange`, device identifier = the
// mailbox key. Keys are not unique, raise no event and vanish with their row.
// Never send record 0 or a blank table in a delete: SuperOffice takes them for "every record" and "every table".
import { failure, type LinkId, type Outcome, success } from '@lockstep/contracts';
import { foreignKey } from './entities.ts';
import { parseBody, type SuperOfficeCall, type SuperOfficeHttp } from './http.ts';

const app = '/ForeignApp/Lockstep';
const key = 'link';
const table = 'appointment';

/** The name of our key in `ExtraFields` under `?fk=true`. It does not tell the device identifier. */
export const foreignKeyField = 'Lockstep.exchange.link';

export class ForeignKeyApi {
  readonly #http: SuperOfficeHttp;

  constructor(http: SuperOfficeHttp) {
    this.#http = http;
  }

  /** The link id that this mailbox's key on the row has, or undefined. */
  async linkOn(id: number, mailbox: string, signal: AbortSignal): Promise<Outcome<LinkId | undefined>> {
    const found = await this.#get(`${device(mailbox)}/Key/${key}/${table}/${id}`, {}, signal);
    return found.ok ? success(found.value?.Value ?? undefined) : found;
  }

  /** The row that bears this link's key in this mailbox: SuperOffice names one, the oldest. */
  async rowOf(linkId: LinkId, mailbox: string, signal: AbortSignal): Promise<Outcome<number | undefined>> {
    const found = await this.#get(`${device(mailbox)}/Key/${key}/${table}`, { Value: linkId }, signal);
    return found.ok ? success(found.value?.RecordId) : found;
  }

  /** Puts the key on the row, over an older one of this mailbox. Repeating it changes nothing. */
  async put(id: number, linkId: LinkId, mailbox: string, signal: AbortSignal): Promise<Outcome<void>> {
    const before = await this.linkOn(id, mailbox, signal);
    if (!before.ok) return before;
    if (before.value === linkId) return success(undefined);
    const method = before.value === undefined ? 'POST' : 'PUT';
    const first = await this.#save(method, id, linkId, mailbox, signal);
    if (!first.ok || first.value === 'saved') return first.ok ? success(undefined) : first;
    const ensured = await this.#ensureDevice(mailbox, signal);
    if (!ensured.ok) return ensured;
    const second = await this.#save(method, id, linkId, mailbox, signal);
    if (!second.ok) return second;
    return second.value === 'saved' ? success(undefined) : failure('superoffice-refused', { detail: 'HTTP 404' });
  }

  async #save(
    method: 'POST' | 'PUT',
    id: number,
    linkId: LinkId,
    mailbox: string,
    signal: AbortSignal,
  ): Promise<Outcome<'saved' | 'no-device'>> {
    const sent = await this.#http.send(
      {
        name: 'save-foreign-key',
        method,
        path: `${device(mailbox)}/Key`,
        body: { Key: key, Value: linkId, TableName: table, RecordId: id },
        // A second key with the same value does no harm: reading finds either.
        repeatable: true,
      },
      signal,
    );
    if (!sent.ok) return sent;
    return success(sent.value.status === 404 ? 'no-device' : 'saved');
  }

  async #ensureDevice(mailbox: string, signal: AbortSignal): Promise<Outcome<void>> {
    const madeApp = await this.#http.send(
      { name: 'ensure-foreign-app', method: 'POST', path: app, body: null, repeatable: true },
      signal,
    );
    if (!madeApp.ok) return madeApp;
    const madeDevice = await this.#http.send(
      { name: 'ensure-foreign-device', method: 'POST', path: device(mailbox), body: null, repeatable: true },
      signal,
    );
    return madeDevice.ok ? success(undefined) : madeDevice;
  }

  async #get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const call: SuperOfficeCall = { name: 'get-foreign-key', method: 'GET', path, query, repeatable: true };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    if (sent.value.status === 404 || sent.value.body == null) return success(undefined);
    return parseBody(foreignKey, call, sent.value.body);
  }
}

const device = (mailbox: string): string => `${app}/exchange/${encodeURIComponent(mailbox)}`;
