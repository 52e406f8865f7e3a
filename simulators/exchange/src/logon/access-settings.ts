// What the front end offers and insists on.

export type Scheme = 'Basic' | 'NTLM' | 'Bearer';

export interface AccessSettings {
  readonly schemes: readonly Scheme[];
  /** Whether a subscription is found at its own back end only, which the affinity cookie leads to. */
  readonly strictAffinity: boolean;
  /** False answers every EWS request with 403. */
  readonly ewsEnabled: boolean;
  /** Addresses of mailboxes and accounts for which EWS is switched off. */
  readonly ewsDisabledFor: readonly string[];
  /** When not empty, Bearer tokens of other applications get 403. */
  readonly allowedAppIds: readonly string[];
}

export const defaultAccess: AccessSettings = {
  schemes: ['Basic'],
  strictAffinity: false,
  ewsEnabled: true,
  ewsDisabledFor: [],
  allowedAppIds: [],
};
