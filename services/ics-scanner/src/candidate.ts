// Stands for a lease for as long as it runs: tries every 2 s ± 20 % (a watch shows no expiry on nats-server 2.9), leads while it
// holds it, and gives it back when stopped.
import type { Lease, LeaseOptions, Stoppable } from '@lockstep/bus';
import type { Kit } from '@lockstep/service-kit';
import { aborted, jittered, pauseFor } from './wait.ts';

export interface CandidateOptions extends LeaseOptions {
  readonly everyMs: number;
  /** Leads until it is stopped; called once for each lease taken. */
  readonly lead: (lease: Lease) => Promise<Stoppable>;
}

export interface Candidate extends Stoppable {
  /** True from the first attempt on. */
  tried(): boolean;
}

export function standFor(kit: Pick<Kit, 'bus' | 'log'>, options: CandidateOptions): Candidate {
  const stopping = new AbortController();
  let tried = false;

  const turn = async (): Promise<void> => {
    const lease = await kit.bus.tryLease(options);
    tried = true;
    if (lease === undefined) return;
    kit.log.info({ lease: lease.key, epoch: lease.epoch }, 'lease taken');
    try {
      const leading = await options.lead(lease);
      await aborted(AbortSignal.any([lease.signal, stopping.signal]));
      await leading.stop();
    } finally {
      await lease.release();
      kit.log.info({ lease: lease.key, epoch: lease.epoch }, 'lease given up');
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // A turn that failed costs one pause; the process stays a candidate.
      await turn().catch((err) => kit.log.error({ err, lease: options.key }, 'leading failed'));
      await pauseFor(jittered(options.everyMs), stopping.signal);
    }
  };
  const running = run();

  return {
    tried: () => tried,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
