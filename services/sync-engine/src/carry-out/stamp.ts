// Stamps a pair that was linked without creating either half: found equal, or known by the stamps of a former mailbox key.
// Until both are stamped that stands in the link, so that whatever breaks off here is done when the pair is looked at next.
import type { Side } from '@lockstep/contracts';
import type { Link } from '../state/link.ts';
import { again, clientOf, countWrite, done, later, type StepResult, type Work } from './work.ts';

/** Stamps both items if they still have the versions that the link records. */
export async function stampPair(work: Work, link: Link): Promise<StepResult> {
  let stamped = link;
  for (const side of ['exchange', 'superoffice'] as const) {
    const version = await stampOne(work, stamped, side);
    if (typeof version !== 'string') return version;
    stamped = { ...stamped, [side]: { ...stamped[side], version } };
    await work.state.saveLink(stamped);
  }
  const { stampDue: _done, ...kept } = stamped;
  await work.state.saveLink(kept);
  return done;
}

/** The version after the stamp, or why there is none. */
async function stampOne(work: Work, { kind, linkId, ...link }: Link, side: Side): Promise<string | StepResult> {
  const { id, version } = link[side];
  const stamp = { linkId, mailbox: work.call.mailbox };
  const reply = await clientOf(work, side).stamp(work.call, { kind, id, version }, stamp);
  countWrite(work, side, 'stamp', reply.ok ? reply.value.kind : reply.error.code);
  // What takes no stamp for good is synchronized all the same.
  if (!reply.ok) return reply.error.retry === 'never' ? version : again(reply.error);
  if (reply.value.kind === 'written') return reply.value.version;
  return { kind: 'wait', until: later(work, work.tools.config.contendedDelayMs) };
}
