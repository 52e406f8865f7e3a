// Is an item that a side does not show deleted? Design §7: not found by id, not found by stamp, and proof that we could
// have seen it. Whatever else was answered proves nothing, and nothing is deleted on the strength of it.
import { type CodedError, codedError, type Evidence, type Instant, type Side } from '@lockstep/contracts';

export type Judgement =
  | { readonly kind: 'gone' }
  /** Not found, and that is not enough yet. */
  | { readonly kind: 'suspected' }
  /** A search by its stamp lists it under its own id: it is there, and the read was wrong. */
  | { readonly kind: 'alive' }
  /** It lives on under another id: moved or restored. */
  | { readonly kind: 'moved'; readonly id: string }
  | { readonly kind: 'failed'; readonly error: CodedError };

/** An item that a read by id did not show. */
export interface Missing {
  readonly side: Side;
  readonly id: string;
  /** The ids of items that bear the link's stamp and belong to no other link. */
  readonly byStamp: readonly string[];
  /** Told by the side itself: its change listing (ICS) named the delete, or the delete was proved before and held. */
  readonly named: boolean;
  /** When it was first found missing, if it was at each look from then on. */
  readonly since: Instant | undefined;
}

/** Without a record of the delete it must be missed twice, at least `proofGapMs` apart: one answer may be wrong. */
export function judge(missing: Missing, evidence: Evidence, now: Instant, proofGapMs: number): Judgement {
  const { side, id, byStamp, named, since } = missing;
  if (byStamp.includes(id)) return { kind: 'alive' };
  const [moved] = byStamp;
  if (moved !== undefined) return { kind: 'moved', id: moved };
  if (!evidence.readable) return { kind: 'failed', error: codedError(deniedBy[side]) };
  if (named || evidence.deleteRecord === 'found') return { kind: 'gone' };
  if (since === undefined) return { kind: 'suspected' };
  return { kind: Date.parse(now) - Date.parse(since) >= proofGapMs ? 'gone' : 'suspected' };
}

const deniedBy = { exchange: 'exchange-access-denied', superoffice: 'superoffice-access-denied' } as const;
