// Lets a mailbox follow the settings: remembers what they forbid, and compares at once when they allow more again.
import { type Outcome, success } from '@lockstep/contracts';
import { nowOf, type Work } from '../carry-out/work.ts';
import { coverageOf, isWidened, narrowedRecord } from '../decide/coverage.ts';
import type { ComparePosition } from '../state/mailbox-record.ts';

/** Before anything is left alone because the settings forbid it, that is stored: from here on it is not covered. */
export async function rememberSettings(work: Work): Promise<void> {
  const narrower = narrowedRecord(work.state.record, work.policies);
  if (narrower !== undefined) await work.state.saveRecord(narrower);
}

/**
 * Begins a full compare where the settings allow more than was compared. First the message, then the position: after a crash
 * in between, the message begins it; a second message for one mailbox takes the place of the first.
 */
export async function followSettings(work: Work): Promise<Outcome<void>> {
  await rememberSettings(work);
  const { state, tools, call, policies } = work;
  if (!isWidened(state.record, policies)) return success(undefined);
  const woken = await tools.wakeUp.all(call.mailbox, 'widened', nowOf(work), call.correlationId);
  if (woken.ok) await beginCompare(work, 'widened');
  return woken;
}

/** The window is the same for every kind. */
export async function beginCompare(work: Work, reason: string): Promise<ComparePosition> {
  const [policy] = Object.values(work.policies);
  if (policy === undefined) throw new Error('there is no kind of item');
  const { from, to } = policy.window;
  const startedAt = nowOf(work);
  const compare = { reason, startedAt, from, to, segment: 0, coverage: coverageOf(work.policies) };
  await work.state.saveRecord({ compare });
  return compare;
}
