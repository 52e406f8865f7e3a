// What reading one side came to. Only `gone` may ever lead to a delete: `missing` is a side that does not show the item,
// which a moved item, a lost right or a server in trouble look like as well.
import {
  type CodedError,
  codedError,
  type ErrorCode,
  errorTable,
  type Item,
  type ItemRead,
  type Side,
} from '@lockstep/contracts';

export type Seen =
  | { readonly kind: 'found'; readonly item: Item }
  /** Not shown, and no evidence asked for yet. */
  | { readonly kind: 'missing' }
  /** Not shown by its id, and found by its stamp under that very id: it is there, and is to be read again. */
  | { readonly kind: 'alive' }
  /** Not shown, and the evidence does not suffice yet. */
  | { readonly kind: 'suspected' }
  /** Deleted, and that is proved. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: CodedError };

export type Found = Extract<Seen, { kind: 'found' }>;

export const idOfRead = (result: ItemRead): string => (result.kind === 'found' ? result.item.id : result.id);

/** `undefined`: the reply left the id out, which says nothing about the item. */
export function seenOf(result: ItemRead | undefined, side: Side): Seen {
  if (result === undefined) return { kind: 'failed', error: codedError('reply-invalid') };
  if (result.kind !== 'failed')
    return result.kind === 'found' ? { kind: 'found', item: result.item } : { kind: 'missing' };
  const known = Object.hasOwn(errorTable, result.code);
  const code = known ? (result.code as ErrorCode) : side === 'exchange' ? 'exchange-transient' : 'superoffice-failed';
  return { kind: 'failed', error: codedError(code, { detail: result.detail ?? result.code }) };
}

/** A read that does not show what a search by stamp lists: the side is behind itself, and is asked again later. */
export function laggingRead(side: Side): CodedError {
  const code = side === 'exchange' ? 'exchange-transient' : 'superoffice-failed';
  return codedError(code, { detail: 'found by its stamp, not by its id' });
}
