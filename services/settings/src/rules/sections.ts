// The sections that administrators change as a whole: their declarations (contracts), which combinations are refused, and what
// the secret of each is for. User links are kept elsewhere (store/user-link-store.ts).
import {
  type CodedError,
  codedError,
  type DeclaredSection,
  exchangePurpose,
  type SealedPurpose,
  type SealedSecret,
  type StoredRecord,
  type SuperOfficeSettings,
  type SyncSettings,
  superofficePurpose,
  superofficeSection,
  syncSection,
  type TechnicalSettings,
  technicalSection,
} from '@lockstep/contracts';
import { urlFault } from './addresses.ts';

/** What every stored section has. */
export interface Stored {
  readonly v: number;
  readonly password?: SealedSecret;
}

export interface Section<T extends Stored> {
  readonly declared: Pick<DeclaredSection, 'name' | 'title' | 'input' | 'view' | 'settings'> & {
    readonly standard: T;
    readonly stored: StoredRecord<T>;
  };
  /** Why a combination is refused. What one field alone may hold is in `input`. */
  readonly fault: (settings: T) => CodedError | undefined;
  /** What the section's secret is for; `hostField` is the field that must be filled before a secret can be sealed. */
  readonly secret?: { readonly purpose: (settings: T) => SealedPurpose; readonly hostField: string };
}

export const technical: Section<TechnicalSettings> = {
  declared: technicalSection,
  fault: technicalFault,
  secret: { purpose: exchangePurpose, hostField: 'ewsUrl' },
};

export const superoffice: Section<SuperOfficeSettings> = {
  declared: superofficeSection,
  fault: superofficeFault,
  secret: { purpose: superofficePurpose, hostField: 'baseUrl' },
};

export const sync: Section<SyncSettings> = { declared: syncSection, fault: () => undefined };

function technicalFault(settings: TechnicalSettings): CodedError | undefined {
  const { authentication, autodiscover, autodiscoverUrl } = settings;
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
  return undefined;
}

function superofficeFault({ authentication, baseUrl, webhookUrl }: SuperOfficeSettings): CodedError | undefined {
  const fault = urlFault({ field: 'baseUrl', url: baseUrl, readableSecretOf: authentication });
  if (fault !== undefined) return fault;
  if (baseUrl !== '' && new URL(baseUrl).search !== '')
    return codedError('request-invalid', { field: 'baseUrl', message: 'baseUrl must not contain a query (?)' });
  return urlFault({ field: 'webhookUrl', url: webhookUrl });
}
