// The bounds and timings of the governor. The protocol's own timings stand in the contract, where the gateways read them too.
import { governor } from '@lockstep/contracts';
import type { BackOffOptions, FairQueueOptions, LedgerOptions, LoadDelayOptions } from '@lockstep/flow-control';
import { priorities } from './desk-event.ts';

export interface GovernorConfig {
  readonly ledger: LedgerOptions;
  readonly queue: FairQueueOptions;
  readonly backOff: BackOffOptions;
  /** Under high server load; the formula stands in flow-control/load-delay.ts. */
  readonly loadDelay: LoadDelayOptions;
  /** How often the passing of time is looked at: deadlines, sessions, ended pauses. */
  readonly tickEveryMs: number;
  readonly stateEveryMs: number;
  /** How often a standby tries to take the lease, ± 20 %. */
  readonly candidateEveryMs: number;
}

/** Exchange counts these apart (ConcurrentSyncCalls). */
const syncOperations = ['SyncFolderItems'];
const { heartbeatEveryMs, sessionFreedMs, frozenFreedMs, longestPauseMs } = governor.governorTimings;

/** What Exchange allows each payer (reference: EWSMaxConcurrency 27, ConcurrentSyncCalls 5); more is refused, not queued. */
export const perPayer = { callsPerPayer: 27, syncsPerPayer: 5 } as const;

export const governorConfig: GovernorConfig = {
  // 10,000 tokens stay far below what one heartbeat can report in 512 KiB over a handful of gateways.
  ledger: {
    sessionFreedMs,
    frozenFreedMs,
    heartbeatEveryMs,
    maxSessions: 200,
    maxTokens: 10_000,
    maxReturned: 50_000,
    syncOperations,
  },
  queue: {
    classes: priorities.length,
    maxPerClass: 500,
    maxPerFlow: 16,
    turnAfter: 8,
    firstGuessMs: 200,
    maxFlows: 2_000,
  },
  // 2,000 pauses are 200 KiB of a state broadcast.
  backOff: {
    baseMs: 1_000,
    maxMs: 300_000,
    maxHintMs: longestPauseMs,
    endpointPayers: 3,
    endpointWithinMs: 10_000,
    maxMailboxes: governor.maxToldBackOffs,
  },
  loadDelay: { windowMs: 60_000, thresholdMs: 5_000, share: 0.1, maxMs: 10_000 },
  tickEveryMs: 100,
  stateEveryMs: 1_000,
  candidateEveryMs: 2_000,
};
