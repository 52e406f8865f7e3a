// The bounds and timings of the governor. The protocol's own timings stand in the contract, where the gateways read them too.
import { governor } from '@lockstep/contracts';
import type { BackOffOptions, LedgerOptions, UrgencyQueueOptions } from '@lockstep/flow-control';
import { priorities } from './token-desk.ts';

export interface GovernorConfig {
  readonly ledger: LedgerOptions;
  readonly queue: UrgencyQueueOptions;
  readonly backOff: BackOffOptions;
  /** How often the passing of time is looked at: deadlines, sessions, ended pauses. */
  readonly tickEveryMs: number;
  readonly stateEveryMs: number;
  /** How often a standby tries to take the lease, ± 20 %. */
  readonly candidateEveryMs: number;
}

const { heartbeatEveryMs, sessionFreedMs, longestPauseMs } = governor.governorTimings;

export const governorConfig: GovernorConfig = {
  // 10,000 tokens stay far below what one heartbeat can report in 512 KiB over a handful of gateways.
  ledger: { sessionFreedMs, heartbeatEveryMs, maxSessions: 200, maxTokens: 10_000, maxReturned: 50_000 },
  queue: { classes: priorities.length, maxPerClass: 500, maxPerPayer: 16, turnAfter: 8 },
  // 2,000 pauses are 200 KiB of a state broadcast.
  backOff: {
    baseMs: 1_000,
    maxMs: 300_000,
    maxHintMs: longestPauseMs,
    endpointPayers: 3,
    endpointWithinMs: 10_000,
    maxMailboxes: governor.maxToldBackOffs,
  },
  tickEveryMs: 100,
  stateEveryMs: 1_000,
  candidateEveryMs: 2_000,
};
