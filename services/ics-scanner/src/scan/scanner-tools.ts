// What everything that has mailboxes scanned works with.
import type { Semaphore } from '@lockstep/flow-control';
import type { Kit } from '@lockstep/service-kit';
import type { ScannerConfig } from '../config.ts';
import type { ScannerMetrics } from '../metrics.ts';
import type { ScanRoom } from './scan-room.ts';

export interface ScannerTools {
  readonly kit: Kit;
  readonly config: ScannerConfig;
  readonly metrics: ScannerMetrics;
  /** Who fetches a notification takes a place first, so that no more are fetched than can be begun. */
  readonly places: Semaphore;
  readonly room: ScanRoom;
}
