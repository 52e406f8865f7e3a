// What it means that a step ended with an exception, who has to hear of it, and how long its message waits.
import { BusError } from '@lockstep/bus';
import { type CodedError, codedError, type MailboxKey, UnreadableRecord } from '@lockstep/contracts';
import type { Kit, Owned } from '@lockstep/service-kit';
import type { Tools } from '../carry-out/work.ts';
import { NewerOwner, StateConflict } from '../state/state-error.ts';

export interface Failing {
  readonly kit: Kit;
  readonly tools: Tools;
  /** Another owner has a greater epoch, or the leases were set back: the partition must be taken anew. */
  readonly onNewerOwner: (partition: number) => void;
  /** A newer Lockstep wrote our state: this one must stop. */
  readonly onNewerRecord: (error: UnreadableRecord) => void;
}

/** The delay in milliseconds where it is known, else the error by which retries are delayed. */
export function afterFailure(failing: Failing, error: unknown, mailbox: MailboxKey, owned: Owned): number | CodedError {
  const { kit, tools, onNewerOwner, onNewerRecord } = failing;
  const lost = (reason: string) => tools.metrics.ownershipLost.inc({ reason });
  if (error instanceof StateConflict) {
    lost('state-conflict');
    return tools.config.conflictDelayMs;
  }
  if (error instanceof NewerOwner) {
    lost('newer-owner');
    onNewerOwner(owned.partition);
    return tools.config.conflictDelayMs;
  }
  if (error instanceof UnreadableRecord) onNewerRecord(error);
  const coded = error instanceof BusError ? error.error : codedError('internal-error');
  kit.log.warn({ mailbox, code: coded.code, err: error }, 'a mailbox step was abandoned');
  return coded;
}
