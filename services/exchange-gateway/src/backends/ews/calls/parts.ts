// What every request of this backend is made with, and how somebody's question becomes one call.
import type { TechnicalSettings } from '@lockstep/contracts';
import { accountPayer } from '@lockstep/flow-control';
import type { Ask } from '../../../backend.ts';
import type { EwsCall, EwsClient } from './ews-client.ts';

export interface Parts {
  readonly client: EwsClient;
  /** How mailboxes are reached at this moment. */
  readonly access: () => TechnicalSettings['access'];
}

export type CallNature = Pick<EwsCall, 'operation' | 'purpose'> & Partial<Pick<EwsCall, 'priority'>>;

/** One call on the mailbox of the ask, with the access of the current settings. */
export function callOf(ask: Ask, access: TechnicalSettings['access'], nature: CallNature): EwsCall {
  return {
    priority: ask.priority,
    ...nature,
    target: { kind: access, address: ask.mailbox.address },
    mailbox: ask.mailbox.key,
    payer: access === 'impersonation' ? ask.mailbox.key : accountPayer,
    correlationId: ask.correlationId,
    remainingMs: ask.remainingMs,
    signal: ask.signal,
  };
}
