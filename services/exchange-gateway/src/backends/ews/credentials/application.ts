// The application that signs in with OAuth, as the settings have it, with its secret opened.
import { failure, type Outcome, oauthPurpose, success, type TechnicalSettings } from '@lockstep/contracts';
import type { OAuthApplication } from './oauth-tokens.ts';
import { openSecret } from './sealed-password.ts';

/** Fails with `exchange-not-configured` or `credential-missing` (and the field), or with what hinders the opening of the secret. */
export async function applicationOf(
  settings: TechnicalSettings,
  keyFile: string | undefined,
): Promise<Outcome<OAuthApplication>> {
  const { oauthTenant, oauthClientId, oauthAuthority, access, ewsUrl } = settings;
  const incomplete = (field: string) => failure('exchange-not-configured', { field });
  if (oauthTenant === '') return incomplete('oauthTenant');
  if (oauthClientId === '') return incomplete('oauthClientId');
  if (!URL.canParse(oauthAuthority)) return incomplete('oauthAuthority');
  // An application has no mailbox and no delegates; without impersonation Exchange refuses its every call.
  if (access !== 'impersonation') return incomplete('access');
  const credential = await credentialOf(settings, keyFile);
  if (!credential.ok) return credential;
  const tenant = encodeURIComponent(oauthTenant);
  return success({
    tokenUrl: new URL(`${oauthAuthority.replace(/\/+$/, '')}/${tenant}/oauth2/v2.0/token`),
    clientId: oauthClientId,
    scope: `https://${new URL(ewsUrl).hostname}/.default`,
    credential: credential.value,
  });
}

async function credentialOf(
  settings: TechnicalSettings,
  keyFile: string | undefined,
): Promise<Outcome<OAuthApplication['credential']>> {
  const { oauthAuthority, oauthCertificate: certificate, oauthPrivateKey, oauthClientSecret } = settings;
  const field = certificate === '' ? 'oauthClientSecret' : 'oauthPrivateKey';
  const sealed = certificate === '' ? oauthClientSecret : oauthPrivateKey;
  if (sealed === undefined) return failure('credential-missing', { field });
  const purpose = oauthPurpose(settings, certificate === '' ? 'oauth-secret' : 'oauth-key');
  const opened = await openSecret(sealed, purpose, oauthAuthority, keyFile);
  if (!opened.ok) return { ok: false, error: { ...opened.error, field } };
  return success(
    certificate === ''
      ? { kind: 'secret', secret: opened.value }
      : { kind: 'certificate', certificate, privateKey: opened.value },
  );
}
