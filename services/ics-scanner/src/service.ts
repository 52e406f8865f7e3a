// Wires the ics-scanner: this replica's partitions, and the sweep for whoever holds its lease.

import { aborted } from '@lockstep/bus/wait';
import { leaseKeys, partitionCount } from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';
import { PartitionShare, type Start, standFor } from '@lockstep/service-kit';
import { type ScannerConfig, scannerConfig } from './config.ts';
import { ScannerMetrics } from './metrics.ts';
import { OwnedPartition } from './partition/owned-partition.ts';
import { ScanRoom } from './scan/scan-room.ts';
import { Sweep } from './sweep.ts';

/** The service with given bounds and timings. */
export function scannerWith(config: ScannerConfig): Start {
  return async (kit) => {
    const metrics = new ScannerMetrics(kit.metrics);
    const room = new ScanRoom(kit, config, metrics);
    const tools = {
      kit,
      config,
      metrics,
      room,
      places: new Semaphore({ places: config.places, waiting: partitionCount }),
    };
    const owned = new Map<number, OwnedPartition>();
    const everywhere = (act: (partition: OwnedPartition) => void) => {
      for (const partition of owned.values()) act(partition);
    };

    const partitions = new PartitionShare({
      bus: kit.bus,
      keys: { member: leaseKeys.scannerReplica, partition: leaseKeys.scannerPartition },
      member: kit.ids.uuidv4(),
      holder: kit.instance,
      everyMs: config.leasesEveryMs,
      onOwned: async ({ partition, signal, leaving }) => {
        const work = new OwnedPartition(tools, partition, signal);
        owned.set(partition, work);
        metrics.partitionsOwned(owned.size);
        await aborted(leaving);
        owned.delete(partition);
        metrics.partitionsOwned(owned.size);
        await work.stop();
      },
      onFailure: (err) => kit.log.warn({ err }, 'NATS did not do what a partition needs'),
    });
    partitions.start();
    const sweep = standFor(kit, {
      key: leaseKeys.sweep,
      holder: kit.instance,
      everyMs: config.leasesEveryMs,
      lead: async (lease) => new Sweep(tools, lease),
    });
    const unlisten = kit.settings.onChange((section) => {
      if (section === 'technical') {
        const inTrouble = room.forgetTroubles();
        everywhere((partition) => partition.followMode());
        if (inTrouble.length > 0) everywhere((partition) => partition.lookAgainAt(inTrouble));
      }
      if (section === 'user-links' || section === 'sync') everywhere((partition) => partition.look());
    });
    kit.bus.onReconnect(() => everywhere((partition) => partition.reconnected()));

    return {
      ready: () => partitions.turned && sweep.tried(),
      stop: async () => {
        unlisten();
        await Promise.all([sweep.stop(), partitions.stop()]);
        await room.stop(config.handOverMs);
      },
    };
  };
}

export const start: Start = scannerWith(scannerConfig);
