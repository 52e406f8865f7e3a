// Keeps one webhook of ours at SuperOffice: there, pointing at us, with our secret, and active. Its name ends with the
// fingerprint of the secret, since SuperOffice does not show secrets. SuperOffice switches a webhook off after nine
// failures in a row and replays nothing, so whoever finds it off polls at once.
import { failure, type Outcome, success } from '@lockstep/contracts';
import type { WebhookEntity } from '../client/entities.ts';
import type { WantedWebhook, WebhookApi } from '../client/webhook-api.ts';
import { activityEvents } from './delivery.ts';
import type { WebhookSecret } from './secret.ts';

/** `repaired`: events may have been lost until now. */
export type Registration = 'kept' | 'repaired';

const namePrefix = 'Lockstep ';

/** The last step of the address, which names the tenant to the receiver; undefined when there is none. */
export function tenantOf(webhookUrl: string): string | undefined {
  if (!URL.canParse(webhookUrl)) return undefined;
  const last = new URL(webhookUrl).pathname.split('/').at(-1);
  return last === undefined || last === '' ? undefined : decodeURIComponent(last);
}

/** Makes sure that the webhook is as wanted. Saving fails when SuperOffice cannot reach `webhookUrl`. */
export async function ensureWebhook(
  webhooks: WebhookApi,
  webhookUrl: string,
  secretOf: (tenant: string) => WebhookSecret,
  signal: AbortSignal,
): Promise<Outcome<Registration>> {
  const tenant = tenantOf(webhookUrl);
  if (tenant === undefined) return failure('superoffice-not-configured', { field: 'webhookUrl' });
  const { secret, fingerprint } = secretOf(tenant);
  const wanted: WantedWebhook = {
    name: `${namePrefix}${fingerprint}`,
    events: activityEvents,
    targetUrl: webhookUrl,
    secret,
  };
  const listed = await webhooks.list(namePrefix.trim(), signal);
  if (!listed.ok) return listed;
  const [own, ...doubles] = listed.value.filter((webhook) => webhook.Name === wanted.name);
  const outdated = listed.value.filter((webhook) => isOutdated(webhook, wanted));
  for (const webhook of [...doubles, ...outdated]) {
    const deleted = await webhooks.delete(webhook.WebhookId, signal);
    if (!deleted.ok) return deleted;
  }
  if (own !== undefined && isAsWanted(own, wanted)) return success('kept');
  const saved =
    own === undefined ? await webhooks.create(wanted, signal) : await webhooks.update(own.WebhookId, wanted, signal);
  return saved.ok ? success('repaired') : saved;
}

function isAsWanted(webhook: WebhookEntity, wanted: WantedWebhook): boolean {
  const events = new Set(webhook.Events ?? []);
  return (
    webhook.State === 'Active' &&
    webhook.TargetUrl === wanted.targetUrl &&
    events.size === wanted.events.length &&
    wanted.events.every((event) => events.has(event))
  );
}

/** One of ours for the same address, made with another key. One for another address may belong to another installation. */
function isOutdated(webhook: WebhookEntity, wanted: WantedWebhook): boolean {
  const ours = webhook.Name?.startsWith(namePrefix) === true && webhook.Name !== wanted.name;
  return ours && webhook.TargetUrl === wanted.targetUrl;
}
