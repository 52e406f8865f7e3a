// The sections that administrators change as a whole: their declarations (contracts), which combinations are refused, and what
// the secret of each is for. User links are kept elsewhere (store/user-link-store.ts).
import {
  type CodedError,
  codedError,
  type DeclaredSection,
  exchangePurpose,
  oauthPurpose,
  proxyPurpose,
  type SealedPurpose,
  type StoredRecord,
  type SuperOfficeSettings,
  type SyncSettings,
  superofficePurpose,
  superofficeSection,
  syncSection,
  type TechnicalSettings,
  technicalSection,
} from '@lockstep/contracts';
import { proxyFault, urlFault } from './addresses.ts';
import { applicationCertificateFault, authoritiesFault, privateKeyFault } from './certificates.ts';

/** What every stored section has. */
export interface Stored {
  readonly v: number;
}

/** What one secret of a section is for. */
export interface SecretUse<T> {
  readonly purpose: (settings: T) => SealedPurpose;
  /** The fields that make up the account, and the one that holds its host: filled before the secret can be sealed. */
  readonly accountFields: readonly (keyof T & string)[];
  readonly hostField: string;
  /** Of which changes the secret is asked for again, in words. */
  readonly boundTo: string;
  /** Why a secret that came in is refused. */
  readonly fault?: (secret: string, settings: T) => string | undefined;
}

export interface Section<T extends Stored> {
  readonly declared: Pick<DeclaredSection, 'name' | 'title' | 'input' | 'view' | 'settings'> & {
    readonly standard: T;
    readonly stored: StoredRecord<T>;
  };
  /** Why a combination is refused. What one field alone may hold is in `input`. */
  readonly fault: (settings: T) => CodedError | undefined;
  /** The section's secrets by their field. */
  readonly secrets: Readonly<Record<string, SecretUse<T>>>;
}

const passwordBoundTo = 'the account, its domain, the authentication or a host';
const oauthBoundTo = 'the application, its tenant or a host';

export const technical: Section<TechnicalSettings> = {
  declared: technicalSection,
  fault: technicalFault,
  secrets: {
    password: {
      purpose: exchangePurpose,
      accountFields: ['userName'],
      hostField: 'ewsUrl',
      boundTo: passwordBoundTo,
    },
    proxyPassword: {
      purpose: proxyPurpose,
      accountFields: ['proxyUserName'],
      hostField: 'proxyUrl',
      boundTo: 'the proxy or its account',
    },
    oauthClientSecret: {
      purpose: (settings) => oauthPurpose(settings, 'oauth-secret'),
      accountFields: ['oauthTenant', 'oauthClientId'],
      hostField: 'oauthAuthority',
      boundTo: oauthBoundTo,
    },
    oauthPrivateKey: {
      purpose: (settings) => oauthPurpose(settings, 'oauth-key'),
      accountFields: ['oauthTenant', 'oauthClientId'],
      hostField: 'oauthAuthority',
      boundTo: oauthBoundTo,
      fault: (key, { oauthCertificate }) => privateKeyFault(key, oauthCertificate),
    },
  },
};

export const superoffice: Section<SuperOfficeSettings> = {
  declared: superofficeSection,
  fault: superofficeFault,
  secrets: {
    password: {
      purpose: superofficePurpose,
      accountFields: ['userName'],
      hostField: 'baseUrl',
      boundTo: passwordBoundTo,
    },
  },
};

export const sync: Section<SyncSettings> = { declared: syncSection, fault: () => undefined, secrets: {} };

function technicalFault(settings: TechnicalSettings): CodedError | undefined {
  const { authentication, access, autodiscover, autodiscoverUrl } = settings;
  // NTLM sends a proof of the password, never the password.
  const readableSecretOf = authentication === 'ntlm' ? undefined : authentication;
  for (const field of ['ewsUrl', 'oabUrl', 'autodiscoverUrl'] as const) {
    const fault = urlFault({ field, url: settings[field], readableSecretOf });
    if (fault !== undefined) return fault;
  }
  if (autodiscover === 'by-url' && autodiscoverUrl === '')
    return codedError('request-invalid', {
      field: 'autodiscoverUrl',
      message: 'autodiscoverUrl must be filled when autodiscover is by-url',
    });
  if (authentication === 'oauth' && access === 'delegation')
    return codedError('request-invalid', {
      field: 'access',
      message: 'access must be impersonation with authentication oauth: an application has no mailbox of its own',
    });
  return connectionFault(settings);
}

function connectionFault(settings: TechnicalSettings): CodedError | undefined {
  const { oauthAuthority, oauthCertificate, proxyUrl, trustedAuthorities } = settings;
  const refused = (field: string, why: string | undefined) =>
    why === undefined ? undefined : codedError('request-invalid', { field, message: `${field} ${why}` });
  return (
    urlFault({ field: 'oauthAuthority', url: oauthAuthority, readableSecretOf: 'oauth' }) ??
    proxyFault('proxyUrl', proxyUrl) ??
    refused('trustedAuthorities', authoritiesFault(trustedAuthorities)) ??
    refused('oauthCertificate', applicationCertificateFault(oauthCertificate))
  );
}

function superofficeFault({ authentication, baseUrl, webhookUrl }: SuperOfficeSettings): CodedError | undefined {
  const fault = urlFault({ field: 'baseUrl', url: baseUrl, readableSecretOf: authentication });
  if (fault !== undefined) return fault;
  if (baseUrl !== '' && new URL(baseUrl).search !== '')
    return codedError('request-invalid', { field: 'baseUrl', message: 'baseUrl must not contain a query (?)' });
  return urlFault({ field: 'webhookUrl', url: webhookUrl });
}
