// Which services measure what, for the page of docs/reference/metrics.md.
import type { Measuring } from '@lockstep/service-kit/metrics-page';
import { GatewayMetrics } from '../services/exchange-gateway/src/metrics.ts';
import { ScannerMetrics } from '../services/ics-scanner/src/metrics.ts';
import { createMetrics as createSettingsMetrics } from '../services/settings/src/metrics.ts';
import { createMetrics as createWatcherMetrics } from '../services/superoffice-watcher/src/metrics.ts';
import { createMetrics as createEngineMetrics, createGauges } from '../services/sync-engine/src/metrics.ts';
import { GovernorMetrics } from '../services/throttle-governor/src/metrics.ts';

const none = () => 0;

export const measuring: readonly Measuring[] = [
  {
    name: 'exchange-gateway',
    register: (registry) => new GatewayMetrics(registry, { backOffs: none, authenticationStopped: () => false }),
  },
  { name: 'ics-scanner', register: (registry) => new ScannerMetrics(registry) },
  { name: 'superoffice-watcher', register: createWatcherMetrics },
  { name: 'throttle-governor', register: (registry) => new GovernorMetrics(registry) },
  {
    name: 'sync-engine',
    register: (registry) => {
      createEngineMetrics(registry);
      const gauged = { partitions: none, inHand: none, parked: none, intents: none, held: none, damaged: none };
      createGauges(registry, gauged);
    },
  },
  { name: 'settings', register: (registry) => createSettingsMetrics(registry, { userLinks: () => new Map() }) },
];
