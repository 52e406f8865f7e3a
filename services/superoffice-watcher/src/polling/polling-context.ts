// What every part of one polling turn works with.
import type { Bucket } from '@lockstep/bus';
import type { ItemKind } from '@lockstep/contracts';
import type { Publisher } from '../changes/publisher.ts';
import type { ResolveContext, Resolver } from '../changes/resolver.ts';
import type { RowIndex } from '../changes/row-index.ts';
import type { UserDirectory } from '../changes/user-directory.ts';
import type { Connection } from '../client/connection.ts';
import type { WatcherMetrics } from '../metrics.ts';

export interface PollingParts {
  readonly bucket: Bucket;
  readonly index: RowIndex;
  readonly directory: UserDirectory;
  readonly publisher: Publisher;
  readonly resolver: Resolver;
  readonly metrics: WatcherMetrics;
  /** The kinds that the settings say are synchronized. */
  readonly watched: () => readonly ItemKind[];
  readonly now: () => number;
}

export interface PollingContext extends PollingParts {
  readonly connection: Connection;
  readonly resolve: ResolveContext;
  /** Rows that were looked at in this turn; a row is often both new and changed. */
  readonly lookedAt: Set<number>;
}
