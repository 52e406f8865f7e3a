// One turn of a mailbox's actor: from a message to its result, with everything that the decisions need at hand.
import type { AllChanged, Change, ChangeClass, Priority, sync, UserLink } from '@lockstep/contracts';
import type { SettingsReader } from '@lockstep/service-kit';
import { again, done, type StepResult, type Tools, type Work } from '../carry-out/work.ts';
import { followSettings, rememberSettings } from '../compare/follow-settings.ts';
import { type CompareRun, compareSlice, type SliceResult } from '../compare/full-compare.ts';
import { placesOf } from '../decide/places.ts';
import { isOn, policiesOf } from '../decide/policy.ts';
import type { MailboxState } from '../state/mailbox-state.ts';
import { syncItem } from '../sync/item.ts';
import { lookAgain } from '../sync/look-again.ts';
import { type Released, releaseHeld } from '../sync/release.ts';

export interface StepOptions {
  readonly tools: Tools;
  readonly state: MailboxState;
  readonly settings: SettingsReader;
  readonly user: UserLink;
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

export async function stepForItem(
  options: StepOptions,
  change: Extract<Change, { kind: 'item' }>,
  changeClass: ChangeClass,
): Promise<StepResult> {
  const { side, id, vanished } = change;
  const cause = { side, id, reason: vanished ? 'vanished' : 'changed' };
  const work = workFor(options, changeClass === 'now' ? 'change' : 'sweep', cause);
  const followed = await followSettings(work);
  return followed.ok ? syncItem(work, change) : again(followed.error);
}

export async function stepForAll(
  options: StepOptions,
  change: AllChanged,
  run: CompareRun | undefined,
): Promise<SliceResult> {
  const priority = change.reason === 'first-load' ? 'first-load' : 'sweep';
  const work = workFor(options, priority, { side: change.side, reason: `compared: ${change.reason}` });
  await rememberSettings(work);
  // With every kind switched off nothing was compared, and nothing is to look as if it had been.
  if (!Object.values(work.policies).some(isOn)) return done;
  return compareSlice(work, change.reason, run);
}

export async function stepForDue(options: StepOptions): Promise<StepResult> {
  const work = workFor(options, 'change', { side: 'engine', reason: 'looked again' });
  if (!options.user.enabled) {
    await rememberSettings(work);
    return done;
  }
  const followed = await followSettings(work);
  if (!followed.ok) return again(followed.error);
  await lookAgain(work);
  return done;
}

/** `signal` aborts when whoever asked waits no longer. */
export function stepForRelease(options: StepOptions): Promise<Released> {
  const work = workFor(options, 'change', { side: 'engine', reason: 'released by an administrator' });
  return releaseHeld({ ...work, released: true });
}

function workFor(options: StepOptions, priority: Priority, cause: sync.HistoryRecord['cause']): Work {
  const { tools, state, settings, user, correlationId, signal } = options;
  const now = new Date(tools.clock.now()).toISOString();
  return {
    tools,
    state,
    call: { mailbox: state.mailbox, priority, correlationId, signal },
    policies: policiesOf(settings.sync(), user, now),
    places: placesOf({ technical: settings.technical(), superoffice: settings.superoffice(), user }),
    cause,
    released: false,
  };
}
