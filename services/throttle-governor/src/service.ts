// Wires the throttle-governor: every instance stands for one lease, and the holder leads.
import { leaseKeys } from '@lockstep/contracts';
import { type Start, standFor } from '@lockstep/service-kit';
import { type GovernorConfig, governorConfig } from './config.ts';
import { Leadership } from './leadership.ts';
import { GovernorMetrics } from './metrics.ts';
import { ProcessEnds } from './process-ends.ts';

/** The service with given bounds and timings; all instances and gateways of one system must share them. */
export function governorWith(config: GovernorConfig): Start {
  return async (kit) => {
    const metrics = new GovernorMetrics(kit.metrics);
    const ends = new ProcessEnds(kit.bus);
    const presence = kit.bus.announce(kit.instance);
    const candidate = standFor(kit, {
      key: leaseKeys.governor,
      holder: kit.instance,
      everyMs: config.candidateEveryMs,
      // That leader grants nothing any more, and its successor counts for as long as its grants may be used.
      isOver: (holder) => ends.hasEnded(holder),
      lead: (lease) => new Leadership(kit, config, metrics, lease, ends).begin(),
    });
    return {
      ready: candidate.tried,
      stop: async () => {
        await candidate.stop();
        await Promise.all([presence.stop(), ends.stop()]);
      },
    };
  };
}

export const start: Start = governorWith(governorConfig);
