// Wires the throttle-governor: every instance stands for one lease, and the holder leads.
import { leaseKeys } from '@lockstep/contracts';
import { type Start, standFor } from '@lockstep/service-kit';
import { type GovernorConfig, governorConfig } from './config.ts';
import { Leadership } from './leadership.ts';
import { GovernorMetrics } from './metrics.ts';

/** The service with given bounds and timings; all instances and gateways of one system must share them. */
export function governorWith(config: GovernorConfig): Start {
  return async (kit) => {
    const metrics = new GovernorMetrics(kit.metrics);
    const candidate = standFor(kit, {
      key: leaseKeys.governor,
      holder: kit.instance,
      everyMs: config.candidateEveryMs,
      lead: (lease) => new Leadership(kit, config, metrics, lease).begin(),
    });
    return { ready: candidate.tried, stop: candidate.stop };
  };
}

export const start: Start = governorWith(governorConfig);
