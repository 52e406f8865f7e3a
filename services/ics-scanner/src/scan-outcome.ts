// What one scan of a folder came to.
import type { AllChanged, CodedError } from '@lockstep/contracts';

export type AllReason = AllChanged['reason'];

export type ScanOutcome =
  | { readonly kind: 'items'; readonly published: number }
  | { readonly kind: 'all'; readonly reason: AllReason }
  /** Another scan of this folder stored its cookie first: nothing is lost, but this result may not be recorded. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'failed'; readonly error: CodedError };
