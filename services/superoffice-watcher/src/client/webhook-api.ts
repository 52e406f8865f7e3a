// The resource /Webhook. Saving makes SuperOffice post a test event to the target, and fails unless that answers 200.
import { failure, type Outcome, success } from '@lockstep/contracts';
import { type WebhookEntity, webhookEntity, webhookList } from './entities.ts';
import { parseBody, type SuperOfficeCall, type SuperOfficeHttp } from './http.ts';

/** What we want a webhook to be. */
export interface WantedWebhook {
  readonly name: string;
  readonly events: readonly string[];
  readonly targetUrl: string;
  readonly secret: string;
}

export class WebhookApi {
  readonly #http: SuperOfficeHttp;

  constructor(http: SuperOfficeHttp) {
    this.#http = http;
  }

  /** Webhooks whose name holds the text. */
  async list(nameFilter: string, signal: AbortSignal): Promise<Outcome<readonly WebhookEntity[]>> {
    const call: SuperOfficeCall = {
      name: 'list-webhooks',
      method: 'GET',
      path: '/Webhook',
      query: { nameFilter },
      repeatable: true,
    };
    const sent = await this.#http.send(call, signal);
    return sent.ok ? parseBody(webhookList, call, sent.value.body) : sent;
  }

  async create(wanted: WantedWebhook, signal: AbortSignal): Promise<Outcome<WebhookEntity>> {
    const call: SuperOfficeCall = {
      name: 'create-webhook',
      method: 'POST',
      path: '/Webhook',
      body: { ...fields(wanted), Type: 'webhook', Headers: {}, Properties: {} },
      repeatable: false,
    };
    const sent = await this.#http.send(call, signal);
    return sent.ok ? parseBody(webhookEntity, call, sent.value.body) : sent;
  }

  /** Makes it say what we want, Active included. Merge patch: what an administrator added beside it stays. */
  async update(id: number, wanted: WantedWebhook, signal: AbortSignal): Promise<Outcome<void>> {
    const sent = await this.#http.send(
      {
        name: 'update-webhook',
        method: 'PATCH',
        path: `/Webhook/${id}`,
        body: fields(wanted),
        contentType: 'application/merge-patch+json',
        repeatable: true,
      },
      signal,
    );
    if (!sent.ok) return sent;
    const { status } = sent.value;
    return status < 300 ? success(undefined) : failure('superoffice-refused', { detail: `HTTP ${status}` });
  }

  async delete(id: number, signal: AbortSignal): Promise<Outcome<void>> {
    const sent = await this.#http.send(
      { name: 'delete-webhook', method: 'DELETE', path: `/Webhook/${id}`, repeatable: true },
      signal,
    );
    return sent.ok ? success(undefined) : sent;
  }
}

function fields(wanted: WantedWebhook): Readonly<Record<string, unknown>> {
  return {
    Name: wanted.name,
    Events: wanted.events,
    TargetUrl: wanted.targetUrl,
    Secret: wanted.secret,
    State: 'Active',
  };
}
