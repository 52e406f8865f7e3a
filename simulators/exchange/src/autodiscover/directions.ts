// Where a client is sent that asks about an address: to its settings, to another address or host, or away.
import type { Directory } from '../store/directory.ts';
import { legacyDn } from '../store/legacy-dn.ts';
import type { Mailbox } from '../store/mailbox.ts';

/** What a test may have set for an address. */
export type Direction =
  | { readonly kind: 'redirectAddr'; readonly target: string }
  | { readonly kind: 'redirectUrl'; readonly target: string }
  | { readonly kind: 'http302'; readonly target: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unauthorized' };

export interface AutodiscoverSettings {
  readonly directions: Readonly<Record<string, Direction>>;
  /** Base of all addresses that are told; by default where the client asked. */
  readonly publicUrl: string | undefined;
  readonly groupingInformation: string;
}

export const defaultAutodiscover: AutodiscoverSettings = {
  directions: {},
  publicUrl: undefined,
  groupingInformation: 'Default-First-Site-Name',
};

export type Answer =
  | { readonly kind: 'settings'; readonly mailbox: Mailbox; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'unknown' }
  | Direction;

/** What the directions are made of. */
export interface DirectionSource {
  readonly autodiscover: AutodiscoverSettings;
  readonly directory: Directory;
  readonly oab: { readonly guid: string };
}

/** @param host where the client asked, as `http://host:port` */
export function directionsFor(source: DirectionSource, address: string, host: string): Answer {
  const { directions, publicUrl, groupingInformation } = source.autodiscover;
  const key = address.toLowerCase();
  const direction = Object.hasOwn(directions, key) ? directions[key] : undefined;
  if (direction !== undefined) return direction;
  const mailbox = source.directory.mailbox(address);
  if (mailbox === undefined) return { kind: 'unknown' };
  const base = publicUrl ?? host;
  const ews = `${base}/EWS/Exchange.asmx`;
  const oab = `${base}/OAB/${source.oab.guid}/`;
  const values = {
    UserDisplayName: mailbox.identity.displayName,
    UserDN: legacyDn(mailbox),
    UserDeploymentId: '644560b8-a1ce-429c-8ace-23395843f701',
    AutoDiscoverSMTPAddress: mailbox.identity.address,
    ExternalEwsUrl: ews,
    InternalEwsUrl: ews,
    ExternalOABUrl: oab,
    InternalOABUrl: oab,
    GroupingInformation: groupingInformation,
    EwsSupportedSchemas:
      'Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1, Exchange2015',
    CasVersion: '15.02.1544.011',
    ExternalEwsVersion: '15.02.1544.000',
    InternalMailboxServer: `${mailbox.identity.guid}@lockstep.test`,
    UserMSOnline: 'False',
  };
  return { kind: 'settings', mailbox, values };
}
