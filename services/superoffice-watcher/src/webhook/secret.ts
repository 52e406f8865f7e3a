// The webhook secret is made from the private key, so that every replica has it and nobody has to store or enter it.
// Another key file means another secret and, by its fingerprint, another name of the webhook at SuperOffice.
import { createHash, hkdfSync } from 'node:crypto';
import type { PrivateKey } from '../client/credential.ts';

export interface WebhookSecret {
  readonly secret: string;
  /** Tells two secrets apart without giving anything away of them. */
  readonly fingerprint: string;
}

/** @param tenant the last step of the webhook address: a secret of one address is worth nothing at another */
export function webhookSecret(key: PrivateKey, tenant: string): WebhookSecret {
  const label = `lockstep/superoffice-webhook/v1/${tenant}`;
  const secret = Buffer.from(hkdfSync('sha256', key.bytes, '', label, 32)).toString('base64url');
  const fingerprint = createHash('sha256').update(`fingerprint/${secret}`).digest('hex').slice(0, 12);
  return { secret, fingerprint };
}
