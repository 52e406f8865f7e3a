// Everything that one tenant's API offers us, over one pool of connections and one gate. Made anew when the SuperOffice
// settings become different.
import { failure, type Outcome, success } from '@lockstep/contracts';
import { AppointmentApi } from './appointment-api.ts';
import { ArchiveApi } from './archive-api.ts';
import { principal } from './entities.ts';
import { ForeignKeyApi } from './foreign-key-api.ts';
import { parseBody, type SuperOfficeCall, SuperOfficeHttp, type SuperOfficeHttpOptions } from './http.ts';
import { ListApi } from './list-api.ts';
import { lacksOffset } from './superoffice-date.ts';
import { WebhookApi } from './webhook-api.ts';

export class Connection {
  readonly appointments: AppointmentApi;
  readonly archive: ArchiveApi;
  readonly foreignKeys: ForeignKeyApi;
  readonly lists: ListApi;
  readonly webhooks: WebhookApi;
  readonly #http: SuperOfficeHttp;
  #ownAssociateId: number | undefined;
  #datesAreClear = false;

  constructor(options: SuperOfficeHttpOptions) {
    this.#http = new SuperOfficeHttp(options);
    this.appointments = new AppointmentApi(this.#http);
    this.archive = new ArchiveApi(this.#http);
    this.foreignKeys = new ForeignKeyApi(this.#http);
    this.lists = new ListApi(this.#http, options.monotonic);
    this.webhooks = new WebhookApi(this.#http);
  }

  /** The associate that SuperOffice takes us for; asked once. */
  async ownAssociateId(signal: AbortSignal): Promise<Outcome<number>> {
    if (this.#ownAssociateId !== undefined) return success(this.#ownAssociateId);
    return this.readPrincipal(signal);
  }

  /** Asks afresh who we are: proof that the account may read at this moment. */
  async readPrincipal(signal: AbortSignal): Promise<Outcome<number>> {
    const call: SuperOfficeCall = {
      name: 'get-principal',
      method: 'GET',
      path: '/User/currentPrincipal',
      repeatable: true,
    };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    if (sent.value.status !== 200) return failure('superoffice-refused', { detail: `HTTP ${sent.value.status}` });
    const read = parseBody(principal, call, sent.value.body);
    if (!read.ok) return read;
    this.#ownAssociateId = read.value.AssociateId;
    return success(read.value.AssociateId);
  }

  /**
   * Whether SuperOffice gives dates with an offset, told by the template of a new row: a tenant in which several time zones are
   * switched off does not, and then no row of it may be read. Asked until it does.
   */
  async checkDates(signal: AbortSignal): Promise<Outcome<void>> {
    if (this.#datesAreClear) return success(undefined);
    const template = await this.appointments.template(undefined, 0, signal);
    if (!template.ok) return template;
    for (const field of ['StartDate', 'EndDate', 'ActiveDate']) {
      const text = template.value[field];
      if (typeof text === 'string' && lacksOffset(text)) {
        return failure('superoffice-dates-without-offset', { detail: field });
      }
    }
    this.#datesAreClear = true;
    return success(undefined);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
