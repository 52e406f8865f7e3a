// From a mailbox key to how Exchange is asked for it. The address stays in here: subjects, logs and metrics show the key.
import type { RequestContext } from '@lockstep/bus';
import { failure, type MailboxKey, type Outcome, type Priority, success, type ZoneName } from '@lockstep/contracts';
import { accountPayer } from '@lockstep/flow-control';
import type { SettingsReader } from '@lockstep/service-kit/kit';
import type { EwsCall } from './backends/ews/calls/ews-client.ts';

export interface MailboxCall {
  readonly call: EwsCall;
  /** The zone in which the owner's days are counted. */
  readonly ownerZone: ZoneName;
}

export interface CallNature {
  readonly operation: string;
  readonly purpose: EwsCall['purpose'];
  readonly priority: Priority;
}

/** One call on a linked mailbox, with the access of the current settings. Fails with `mailbox-not-linked`. */
export function mailboxCall(
  settings: SettingsReader,
  mailbox: MailboxKey,
  nature: CallNature,
  context: Pick<RequestContext, 'correlationId' | 'remainingMs' | 'signal'>,
): Outcome<MailboxCall> {
  const link = settings.userLinks().get(mailbox);
  if (link === undefined) return failure('mailbox-not-linked', { field: 'mailbox' });
  const kind = settings.technical().access;
  const call: EwsCall = {
    ...nature,
    target: { kind, address: link.address },
    payer: kind === 'impersonation' ? mailbox : accountPayer,
    correlationId: context.correlationId,
    remainingMs: () => context.remainingMs(),
    signal: context.signal,
  };
  return success({ call, ownerZone: link.zone });
}
