// Is an item that a side does not show deleted? Design §7: not found by id, not found by stamp, and proof that we could
// have seen it. Whatever else was answered proves nothing, and nothing is deleted on the strength of it.
import { type CodedError, codedError, type Instant } from '@lockstep/contracts';

export type Evidence =
  | {
      readonly side: 'exchange';
      /** The ids of items in the watched folder that bear the link's stamp and belong to no other link. */
      readonly byStamp: readonly string[];
      /** What we may do in the folder, read successfully at the same time. */
      readonly rights: {
        readonly read: boolean;
        readonly create: boolean;
        readonly modify: boolean;
        readonly delete: boolean;
      };
    }
  | {
      readonly side: 'superoffice';
      readonly byStamp: readonly string[];
      readonly principalRead: boolean;
      readonly deleteRecord: 'found' | 'none' | 'unreadable';
    };

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

export function judge(evidence: Evidence, { since, now, proofGapMs }: Suspicion): Judgement {
  const [moved] = evidence.byStamp;
  if (moved !== undefined) return { kind: 'moved', id: moved };
  if (evidence.side === 'exchange') {
    const { read, create, modify, delete: mayDelete } = evidence.rights;
    if (read && create && modify && mayDelete) return { kind: 'gone' };
    return { kind: 'failed', error: codedError('exchange-access-denied') };
  }
  if (!evidence.principalRead) return { kind: 'failed', error: codedError('superoffice-access-denied') };
  if (evidence.deleteRecord === 'found') return { kind: 'gone' };
  if (since === undefined) return { kind: 'suspected' };
  return { kind: Date.parse(now) - Date.parse(since) >= proofGapMs ? 'gone' : 'suspected' };
}
