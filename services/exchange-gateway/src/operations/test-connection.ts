// Tries the technical settings against the server, step by step: complete, reached and accepted, one mailbox readable. The first
// step that fails ends the test.
import type { RequestContext } from '@lockstep/bus';
import { type Data, type exchange, type MailboxKey, type Outcome, success } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import type { Backend } from '../backend.ts';
import { asking, type Mailboxes } from '../mailboxes.ts';
import { getFolder } from './folder-operations.ts';
import type { Handler } from './handler.ts';

type Step = Data<typeof exchange.TestStep>;

export interface TestConnectionParts {
  readonly mailboxes: Mailboxes;
  /** The one that the technical settings are about. */
  readonly backend: Backend;
  readonly clock: Clock;
}

export function testConnection(parts: TestConnectionParts): Handler<typeof exchange.testConnection> {
  const { mailboxes, backend, clock } = parts;
  return async ({ mailbox }, context) => {
    const steps: Step[] = [];
    const run = async (step: string, attempt: () => Promise<Outcome<unknown>>): Promise<boolean> => {
      const beganAt = clock.monotonic();
      const outcome = await attempt();
      const tookMs = Math.max(0, Math.round(clock.monotonic() - beganAt));
      steps.push({ step, ok: outcome.ok, tookMs, ...(outcome.ok ? {} : explained(outcome.error)) });
      return outcome.ok;
    };
    const chosen = mailbox ?? firstMailbox(mailboxes);
    const ok =
      (await run('settings', () => backend.ready())) &&
      (await run('reach', () => backend.reach(asking('person', context)))) &&
      (chosen === undefined || (await run('mailbox', () => openMailbox(mailboxes, chosen, context))));
    return success({ ok, steps });
  };
}

function openMailbox(mailboxes: Mailboxes, mailbox: MailboxKey, context: RequestContext): Promise<Outcome<unknown>> {
  return getFolder(mailboxes)({ mailbox, priority: 'person', folder: 'calendar' }, context);
}

function firstMailbox(mailboxes: Mailboxes): MailboxKey | undefined {
  for (const { mailbox } of mailboxes.enabled()) return mailbox.key;
  return undefined;
}

function explained(error: { readonly code: string; readonly field?: string; readonly detail?: string }) {
  const detail = error.detail ?? error.field;
  return detail === undefined ? { code: error.code } : { code: error.code, detail };
}
