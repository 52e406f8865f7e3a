// What a call came to, for the governor: it counts outcomes and tells everybody about pauses.
import type { Data, governor } from '@lockstep/contracts';

export type CallOutcome = Data<typeof governor.CallOutcome>;

/** How long nothing more is sent, and in whose scope. */
export interface Pause {
  readonly scope: 'payer' | 'endpoint';
  readonly pauseMs: number;
}
