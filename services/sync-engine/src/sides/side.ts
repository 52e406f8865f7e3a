// One side as the engine sees it: the same verbs for Exchange and SuperOffice and for every kind of item, so that
// everything that decides or carries out is written once. Each verb is one request over the bus; expected failures are outcomes.
import type {
  DeleteResult,
  Evidence,
  Instant,
  Item,
  ItemContent,
  ItemKind,
  ItemRead,
  ItemRef,
  ItemRow,
  MailboxKey,
  Outcome,
  Priority,
  Side,
  Stamp,
  WriteResult,
} from '@lockstep/contracts';
import type { Said } from '@lockstep/items';

/** For whom and how urgently a request is made, and until when. */
export interface Call {
  readonly mailbox: MailboxKey;
  readonly priority: Priority;
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly rows: readonly ItemRow[];
  /** What to give for the next page; undefined after the last. */
  readonly next: string | undefined;
}

export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

export interface SideClient {
  readonly side: Side;
  read(call: Call, kind: ItemKind, ids: readonly string[]): Promise<Outcome<readonly ItemRead[]>>;
  /** One page of what touches the range, or of everything of this kind. */
  list(call: Call, kind: ItemKind, range: Range | undefined, next: string | undefined): Promise<Outcome<Page>>;
  create(call: Call, said: Said, stamp: Stamp): Promise<Outcome<{ readonly id: string; readonly version: string }>>;
  /** Writes if the item still has `version`. */
  write(call: Call, item: Versioned, changes: ItemContent): Promise<Outcome<WriteResult>>;
  /** Deletes if the item still has `version`. */
  remove(call: Call, item: Versioned): Promise<Outcome<DeleteResult>>;
  /** Puts a stamp on an item that a person made. The version is that after the stamp. */
  stamp(call: Call, item: Versioned, stamp: Stamp): Promise<Outcome<WriteResult>>;
  /** The items that bear this stamp; with `anyMailbox` whatever mailbox key it names. */
  findByStamp(call: Call, kind: ItemKind, stamp: Stamp, anyMailbox?: boolean): Promise<Outcome<readonly ItemRow[]>>;
  /** Items that our own account made since then and that bear no stamp (a create that broke off before its stamp). */
  findUnstamped(call: Call, kind: ItemKind, since: Instant): Promise<Outcome<readonly Item[]>>;
  /** What speaks for a delete of an item that was not found by id. */
  evidence(call: Call, item: Pick<ItemRef, 'kind' | 'id'>, stamp: Stamp): Promise<Outcome<Evidence>>;
}

/** An item as it was read: a write is refused once it has another version. */
export interface Versioned {
  readonly kind: ItemKind;
  readonly id: string;
  readonly version: string;
}

export interface Sides {
  readonly exchange: SideClient;
  readonly superoffice: SideClient;
}

/** `readLimitMs` and `writeLimitMs`: after that long the caller no longer waits for a reply. */
export interface SideLimits {
  readonly readLimitMs: number;
  readonly writeLimitMs: number;
  readonly pageItems: number;
}
