// Is an item that a side does not show deleted? Design §7: not found by id, not found by stamp, and proof that we could
// have seen it. Whatever else was answered proves nothing, and nothing is deleted on the strength of it.
import { type CodedError, codedError, type Evidence, type Instant, type Side } from '@lockstep/contracts';

export interface Proof extends Evidence {
  /** The ids of items that bear the link's stamp and belong to no other link. */
  readonly byStamp: readonly string[];
}

export type Judgement =
  | { readonly kind: 'gone' }
  | { readonly kind: 'suspected' }
  /** It lives on under another id: moved or restored. */
  | { readonly kind: 'moved'; readonly id: string }
  | { readonly kind: 'failed'; readonly error: CodedError };

export interface Suspicion {
  /** When this item was first found missing, if that was before. */
  readonly since: Instant | undefined;
  readonly now: Instant;
  /** SuperOffice without a delete record: not found twice, at least so far apart. */
  readonly proofGapMs: number;
}

export function judge(side: Side, proof: Proof, { since, now, proofGapMs }: Suspicion): Judgement {
  const [moved] = proof.byStamp;
  if (moved !== undefined) return { kind: 'moved', id: moved };
  if (!proof.readable) return { kind: 'failed', error: codedError(deniedBy[side]) };
  if (side === 'exchange' || proof.deleteRecord === 'found') return { kind: 'gone' };
  if (since === undefined) return { kind: 'suspected' };
  return { kind: Date.parse(now) - Date.parse(since) >= proofGapMs ? 'gone' : 'suspected' };
}

const deniedBy = { exchange: 'exchange-access-denied', superoffice: 'superoffice-access-denied' } as const;
