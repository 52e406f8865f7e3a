// What a sealed secret may be used for. The settings service writes it into the protected header, the service that opens the
// secret compares; both take it from here, because two spellings of one account or host would lock the password out.
import type { SealedPurpose } from './settings/secret.ts';
import type { SuperOfficeSettings } from './settings/superoffice.ts';
import type { TechnicalSettings } from './settings/technical.ts';

/** `host:port` of an http or https URL, in lower case and with the default port written out; undefined for anything else. */
export function hostAndPort(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  if (hostname === '' || (protocol !== 'http:' && protocol !== 'https:')) return undefined;
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** `DOMAIN\user`, or the user name alone where the domain is empty, as with hosted Exchange. */
export function exchangeAccount(settings: Pick<TechnicalSettings, 'userName' | 'domain'>): string {
  return settings.domain === '' ? settings.userName : `${settings.domain}\\${settings.userName}`;
}

/** What the Exchange password of these settings may be used for. Without any address `hosts` is empty. */
export function exchangePurpose(settings: TechnicalSettings): SealedPurpose {
  return {
    use: 'exchange',
    account: exchangeAccount(settings),
    authentication: settings.authentication,
    hosts: hostsOf(settings.ewsUrl, settings.oabUrl, settings.autodiscoverUrl),
  };
}

/** What the password of the proxy may be used for. */
export function proxyPurpose(settings: TechnicalSettings): SealedPurpose {
  const { proxyUserName, proxyUrl } = settings;
  return { use: 'exchange', account: proxyUserName, authentication: 'proxy', hosts: hostsOf(proxyUrl) };
}

/**
 * What the client secret or private key of the application may be used for. The hosts are those of Exchange too: a token that is
 * got with the secret goes there.
 */
export function oauthPurpose(settings: TechnicalSettings, kind: 'oauth-secret' | 'oauth-key'): SealedPurpose {
  const { oauthTenant, oauthClientId, oauthAuthority, ewsUrl, oabUrl, autodiscoverUrl } = settings;
  return {
    use: 'exchange',
    account: oauthTenant === '' || oauthClientId === '' ? '' : `${oauthClientId}@${oauthTenant}`,
    authentication: kind,
    hosts: hostsOf(oauthAuthority, ewsUrl, oabUrl, autodiscoverUrl),
  };
}

/** What the SuperOffice secret of these settings may be used for. Without an address `hosts` is empty. */
export function superofficePurpose(settings: SuperOfficeSettings): SealedPurpose {
  return {
    use: 'superoffice',
    account: settings.userName,
    authentication: settings.authentication,
    hosts: hostsOf(settings.baseUrl),
  };
}

/** True when a secret sealed for `sealed` may be used for all of `wanted`. */
export function purposeCovers(sealed: SealedPurpose, wanted: SealedPurpose): boolean {
  return (
    sealed.use === wanted.use &&
    sealed.account === wanted.account &&
    sealed.authentication === wanted.authentication &&
    wanted.hosts.every((host) => sealed.hosts.includes(host))
  );
}

function hostsOf(...urls: readonly string[]): readonly string[] {
  const hosts = urls.map(hostAndPort).filter((host) => host !== undefined);
  return [...new Set(hosts)].sort();
}
