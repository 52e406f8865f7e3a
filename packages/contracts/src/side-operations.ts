// What both sides answer about items of any kind, declared once. The sync engine has one client for both sides, and a new
// kind adds nothing here. Every request names a mailbox by its key; only the side knows how to reach it.
import { type TProperties, Type } from 'typebox';
import { DeleteResult, Item, type ItemContent, ItemRead, ItemRow, ofEachKind, Stamp, WriteResult } from './item.ts';
import { ItemKind, kinds } from './kinds.ts';
import { MailboxKey, type Side } from './mailbox.ts';
import { operation } from './operation.ts';
import { Priority } from './priority.ts';
import { type Data, Instant } from './shape.ts';

export const maxReadIds = 25;
export const maxListedRows = 250;

const call = { mailbox: MailboxKey, priority: Priority };
const about = { ...call, kind: ItemKind };
const one = { ...about, id: Type.String() };
const seen = { ...one, version: Type.String() };

/** A request whose content is checked by the schema of its kind. */
type WithContent<P extends TProperties, F extends string> = Data<ReturnType<typeof Type.Object<P>>> & {
  readonly [field in F]: ItemContent;
};

/** Whether a delete can be believed: what could be seen at the same time as the item was not. */
export const Evidence = Type.Object({
  /** The folder, with the rights that we need (Exchange), or our own principal (SuperOffice) was read just now. */
  readable: Type.Boolean(),
  /** Transaction log (SuperOffice), Deleted Items (Exchange): a record of this very delete, none, or not to be read. */
  deleteRecord: Type.Union([Type.Literal('found'), Type.Literal('none'), Type.Literal('unreadable')]),
});
export type Evidence = Data<typeof Evidence>;

/** The item operations of one side. */
export function sideOperations(side: Side) {
  return {
    /**
     * Reads items by id. One of another owner is `missing` for this mailbox; one that cannot be read fails alone. The last ids may be
     * left out, to stay below the size of a message: ask again for them.
     */
    read: operation(
      `${side}.read`,
      Type.Object({ ...about, ids: Type.Array(Type.String(), { minItems: 1, maxItems: maxReadIds }) }),
      Type.Object({ results: Type.Array(ItemRead) }),
    ),
    /** One page of the items that touch `range`, or of all where there is none. The cursor is the side's own text. */
    list: operation(
      `${side}.list`,
      Type.Object({
        ...about,
        range: Type.Optional(Type.Object({ from: Instant, to: Instant })),
        cursor: Type.Union([Type.String(), Type.Null()]),
        maxItems: Type.Integer({ minimum: 1, maximum: maxListedRows }),
      }),
      Type.Object({ rows: Type.Array(ItemRow), next: Type.Union([Type.String(), Type.Null()]) }),
    ),
    /** Creates with the stamp; nobody is told. Error `<side>-unknown-outcome`: look by stamp, then for unstamped ones. */
    create: operation(
      `${side}.create`,
      Type.Unsafe<WithContent<typeof about & { stamp: typeof Stamp }, 'content'>>(
        ofEachKind((content) => ({ ...call, content, stamp: Stamp })),
      ),
      Type.Object({ id: Type.String(), version: Type.String() }),
    ),
    /** Writes the given fields if the item still has `version`; nobody is told. */
    write: operation(
      `${side}.write`,
      Type.Unsafe<WithContent<typeof seen, 'changes'>>(
        ofEachKind((_, kind) => ({ ...seen, kind: Type.Literal(kind), changes: Type.Partial(kinds[kind].content) })),
      ),
      WriteResult,
    ),
    /** Deletes if the item still has `version`. Exchange moves it to Deleted Items; SuperOffice has no bin. */
    remove: operation(`${side}.remove`, Type.Object(seen), DeleteResult),
    /** Puts the stamp of a link on an item, replacing an older one of ours. The version is that after the stamp. */
    stamp: operation(`${side}.stamp`, Type.Object({ ...seen, stamp: Stamp }), WriteResult),
    /** The items that bear the stamp of this link, at most ten; with `anyMailbox` whatever mailbox key it names. */
    findByStamp: operation(
      `${side}.find-by-stamp`,
      Type.Object({ ...about, stamp: Stamp, anyMailbox: Type.Optional(Type.Boolean()) }),
      Type.Object({ rows: Type.Array(ItemRow) }),
    ),
    /**
     * Items that our own account registered at or after `since` and that bear no stamp of ours, whole, at most 50: what a
     * create left that broke off between its two calls. A side that stamps in the creating call has none.
     */
    findUnstamped: operation(
      `${side}.find-unstamped`,
      Type.Object({ ...about, since: Instant }),
      Type.Object({ items: Type.Array(Item) }),
    ),
    /** What speaks for a delete of an item that was not found; `stamp` is that of its link. */
    evidence: operation(`${side}.evidence`, Type.Object({ ...one, stamp: Stamp }), Evidence),
  } as const;
}

export type SideOperations = ReturnType<typeof sideOperations>;

export const exchangeItems = sideOperations('exchange');
export const superofficeItems = sideOperations('superoffice');
