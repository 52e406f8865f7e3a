// Tries the technical settings against the server, step by step: complete, reached and accepted, one mailbox readable. The first
// step that fails ends the test.
import type { RequestContext } from '@lockstep/bus';
import { type Data, type exchange, type MailboxKey, type Outcome, success } from '@lockstep/contracts';
import { accountPayer } from '@lockstep/flow-control';
import type { Clock, SettingsReader } from '@lockstep/service-kit/kit';
import {
  BasePropertySet,
  type ExchangeService,
  Folder,
  FolderId,
  PropertySet,
  WellKnownFolderName,
} from 'ews-javascript-api';
import type { EwsCall } from '../backends/ews/calls/ews-client.ts';
import { getFolder } from './get-folder.ts';
import type { Handler, OperationParts } from './handler.ts';

type Step = Data<typeof exchange.TestStep>;

/** Codes that say that Exchange was not reached or did not accept the account; any other answer is one from EWS itself. */
const notAccepted: ReadonlySet<string> = new Set([
  'exchange-unreachable',
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

export function testConnection(
  parts: OperationParts & { readonly clock: Clock },
): Handler<typeof exchange.testConnection> {
  return async ({ mailbox }, context) => {
    const steps: Step[] = [];
    const run = async (step: string, attempt: () => Promise<Outcome<unknown>>): Promise<boolean> => {
      const beganMs = parts.clock.monotonic();
      const outcome = await attempt();
      const tookMs = Math.max(0, Math.round(parts.clock.monotonic() - beganMs));
      steps.push({ step, ok: outcome.ok, tookMs, ...(outcome.ok ? {} : explained(outcome.error)) });
      return outcome.ok;
    };
    const chosen = mailbox ?? firstMailbox(parts.settings);
    const ok =
      (await run('settings', () => parts.endpoint.ready())) &&
      (await run('reach', () => reach(parts, context))) &&
      (chosen === undefined || (await run('mailbox', () => openMailbox(parts, chosen, context))));
    return success({ ok, steps });
  };
}

/** Asks for the account's own root folder. The account need not have a mailbox: being told so is an answer, too. */
async function reach({ client }: OperationParts, context: RequestContext): Promise<Outcome<unknown>> {
  const call: EwsCall = {
    operation: 'GetFolder',
    target: { kind: 'account' },
    payer: accountPayer,
    priority: 'person',
    purpose: 'read',
    correlationId: context.correlationId,
    remainingMs: () => context.remainingMs(),
    signal: context.signal,
  };
  const build = (service: ExchangeService) =>
    Folder.Bind(service, new FolderId(WellKnownFolderName.MsgFolderRoot), new PropertySet(BasePropertySet.IdOnly));
  const outcome = await client.call(call, build, () => success(true));
  return !outcome.ok && notAccepted.has(outcome.error.code) ? outcome : success(true);
}

function openMailbox(parts: OperationParts, mailbox: MailboxKey, context: RequestContext): Promise<Outcome<unknown>> {
  return getFolder(parts)({ mailbox, priority: 'person', folder: 'calendar' }, context);
}

function firstMailbox(settings: SettingsReader): MailboxKey | undefined {
  return [...settings.userLinks().values()].find((link) => link.enabled)?.mailbox;
}

function explained(error: { readonly code: string; readonly field?: string; readonly detail?: string }) {
  const detail = error.detail ?? error.field;
  return detail === undefined ? { code: error.code } : { code: error.code, detail };
}
