// Removes the younger of two items with one stamp. Only what we made ourselves and nobody changed is ever removed, under
// the condition that it still has the version in which it was found unchanged.
import type { Item, LinkId, Side } from '@lockstep/contracts';
import { countDelete } from '../decide/delete-brake.ts';
import { takenAway } from './taken-away.ts';
import {
  again,
  type Conflict,
  clientOf,
  conflict,
  countWrite,
  done,
  nowOf,
  recordHistory,
  type StepResult,
  type Work,
} from './work.ts';

export async function removeTwin(work: Work, side: Side, twin: Item, linkId: LinkId): Promise<StepResult | Conflict> {
  const { kind, id, version } = twin;
  const record = (result: string) =>
    recordHistory(work, {
      linkId,
      kind,
      [side]: { id, version },
      decision: 'late twin of a create of ours',
      overwritten: takenAway(twin),
      write: { side, action: 'delete', groups: [], result },
    });
  const begun = await record('begun');
  if (!begun.ok) return again(begun.error);
  // The state write refuses a former owner, who might still take the linked item for the twin.
  await work.state.saveRecord({ deletes: countDelete(work.state.record.deletes, nowOf(work)) });
  const reply = await clientOf(work, side).remove(work.call, twin);
  countWrite(work, side, 'delete', reply.ok ? reply.value.kind : reply.error.code);
  const told = await record(reply.ok ? reply.value.kind : reply.error.code);
  if (!reply.ok) return again(reply.error);
  if (reply.value.kind === 'conflict') return conflict;
  return told.ok ? done : again(told.error);
}
