// Stands for one lease for as long as it runs: tries every few seconds ± 20 % (a watch shows no expiry on nats-server 2.9),
// leads while it holds it, and gives it back when stopped.
import type { Bus, Lease, LeaseOptions, Stoppable } from '@lockstep/bus';
import { aborted, spread, wait } from '@lockstep/bus/wait';
import type { Kit } from '../kit.ts';

export interface CandidateOptions extends LeaseOptions {
  /** How often the lease is tried for, ± 20 %. */
  readonly everyMs: number;
  /** Leads until it is stopped; called once for each lease taken. Its `stop` ends what the lease allowed, within its own bound. */
  readonly lead: (lease: Lease) => Promise<Stoppable>;
}

export interface Candidate extends Stoppable {
  /** True from the first attempt on. */
  tried(): boolean;
}

/** Begins at once. A leadership that fails costs one pause: the process stays a candidate. */
export function standFor(
  { bus, log }: { readonly bus: Pick<Bus, 'tryLease'>; readonly log: Kit['log'] },
  options: CandidateOptions,
): Candidate {
  const stopping = new AbortController();
  let tried = false;

  const lead = async (lease: Lease): Promise<void> => {
    log.info({ lease: lease.key, epoch: lease.epoch }, 'lease taken');
    try {
      const leading = await options.lead(lease);
      await aborted(AbortSignal.any([lease.signal, stopping.signal]));
      await leading.stop();
    } finally {
      await lease.release();
      log.info({ lease: lease.key, epoch: lease.epoch }, 'lease given up');
    }
  };

  const turn = async (): Promise<void> => {
    const lease = await bus.tryLease(options);
    tried = true;
    if (lease === undefined) return;
    if (stopping.signal.aborted) await lease.release();
    else await lead(lease);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await turn().catch((err) => log.error({ err, lease: options.key }, 'leading failed'));
      await wait(spread(options.everyMs), stopping.signal);
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
