// The three sections that administrators change as a whole: what is stored, what may be written, what is shown,
// and which combinations are refused. User links are kept elsewhere (user-link-store.ts).
import {
  type CodedError,
  codedError,
  defaultSuperOfficeSettings,
  defaultSyncSettings,
  defaultTechnicalSettings,
  exchangePurpose,
  type SealedPurpose,
  type SealedSecret,
  SuperOfficeSettings,
  SyncSettings,
  superofficePurpose,
  TechnicalSettings,
} from '@lockstep/contracts';
import type { TObject, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { urlFault } from './address-rules.ts';
import {
  SuperOfficeInput,
  SuperOfficeView,
  SyncInput,
  SyncView,
  TechnicalInput,
  TechnicalView,
} from './schemas/section-schemas.ts';

export type SectionName = 'technical' | 'superoffice' | 'sync';

/** What every stored section has. */
export interface Stored {
  readonly v: number;
  readonly password?: SealedSecret;
}

export interface Section<T extends Stored> {
  readonly name: SectionName;
  /** The heading in the API documentation. */
  readonly title: string;
  readonly standard: T;
  readonly input: TObject;
  readonly view: TObject;
  /** Reads what is stored; undefined when it is not such a section. */
  readonly parse: (value: unknown) => T | undefined;
  /** Why a combination is refused. What one field alone may hold is in `input`. */
  readonly fault: (settings: T) => CodedError | undefined;
  /** What the section's secret is for; `hostField` is the field that must be filled before a secret can be sealed. */
  readonly secret?: { readonly purpose: (settings: T) => SealedPurpose; readonly hostField: string };
}

const parser =
  <T>(schema: TSchema) =>
  (value: unknown): T | undefined =>
    Value.Check(schema, value) ? (value as T) : undefined;

export const technicalSection: Section<TechnicalSettings> = {
  name: 'technical',
  title: 'Technical settings',
  standard: defaultTechnicalSettings,
  input: TechnicalInput,
  view: TechnicalView,
  parse: parser(TechnicalSettings),
  fault: technicalFault,
  secret: { purpose: exchangePurpose, hostField: 'ewsUrl' },
};

export const superofficeSection: Section<SuperOfficeSettings> = {
  name: 'superoffice',
  title: 'SuperOffice settings',
  standard: defaultSuperOfficeSettings,
  input: SuperOfficeInput,
  view: SuperOfficeView,
  parse: parser(SuperOfficeSettings),
  fault: superofficeFault,
  secret: { purpose: superofficePurpose, hostField: 'baseUrl' },
};

export const syncSection: Section<SyncSettings> = {
  name: 'sync',
  title: 'Synchronization settings',
  standard: defaultSyncSettings,
  input: SyncInput,
  view: SyncView,
  parse: parser(SyncSettings),
  fault: () => undefined,
};

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
