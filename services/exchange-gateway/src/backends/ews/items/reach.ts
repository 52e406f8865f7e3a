// Asks for the account's own root folder. The account need not have a mailbox: being told so is an answer, too.
import { type Outcome, success } from '@lockstep/contracts';
import { accountPayer } from '@lockstep/flow-control';
import {
  BasePropertySet,
  type ExchangeService,
  Folder,
  FolderId,
  PropertySet,
  WellKnownFolderName,
} from 'ews-javascript-api';
import type { Asking, ServerFacts } from '../../../backend.ts';
import type { Parts } from '../calls/parts.ts';

/** Codes that say that Exchange was not reached or did not accept the account; any other answer is one from EWS itself. */
const notAccepted: ReadonlySet<string> = new Set([
  'exchange-unreachable',
  'exchange-certificate',
  'exchange-tls',
  'exchange-proxy-refused',
  'oauth-refused',
  'oauth-unreachable',
  'exchange-not-configured',
  'credential-missing',
  'credential-unreadable',
  'credential-host-mismatch',
  'exchange-timeout',
  'exchange-unauthorized',
  'exchange-blocked',
  'exchange-configuration',
  'exchange-reply-unreadable',
  'exchange-busy',
  'exchange-transient',
  'governor-back-off',
  'governor-lapsed',
  'governor-not-ready',
  'governor-queue-full',
  'governor-session-unknown',
  'deadline-passed',
  'service-missing',
  'service-stopping',
  'service-busy',
  'bus-unavailable',
]);

export async function reach({ client }: Parts, asking: Asking): Promise<Outcome<ServerFacts>> {
  const { priority, correlationId, remainingMs, signal } = asking;
  const build = (service: ExchangeService) =>
    Folder.Bind(service, new FolderId(WellKnownFolderName.MsgFolderRoot), new PropertySet(BasePropertySet.IdOnly));
  const call = {
    operation: 'GetFolder',
    target: { kind: 'account' },
    payer: accountPayer,
    priority,
    purpose: 'read',
    correlationId,
    remainingMs,
    signal,
  } as const;
  const outcome = await client.call<ServerFacts>(call, build, ([message]) =>
    success(message?.serverVersion === undefined ? {} : { version: message.serverVersion }),
  );
  return outcome.ok || notAccepted.has(outcome.error.code) ? outcome : success({});
}
