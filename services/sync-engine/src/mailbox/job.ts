// What a mailbox's actor is told to do, one thing at a time.
import type { Delivery } from '@lockstep/bus';
import type { Change, ChangeClass, CodedError } from '@lockstep/contracts';
import type { Owned } from '@lockstep/service-kit';
import type { CompareRun } from '../compare/full-compare.ts';

export interface ChangeJob {
  readonly kind: 'change';
  readonly owned: Owned;
  readonly delivery: Delivery<Change>;
  readonly changeClass: ChangeClass;
  readonly settled: () => void;
  readonly run?: CompareRun | undefined;
}

/** Something that a person asked for and waits for. */
export interface CommandJob {
  readonly kind: 'command';
  readonly owned: Owned;
  readonly act: (signal: AbortSignal) => Promise<void>;
  readonly refuse: (error: CodedError) => void;
}

export type Job = ChangeJob | CommandJob | { readonly kind: 'due'; readonly owned: Owned };
