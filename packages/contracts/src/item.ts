// An item of any kind as one side holds it. The content is opaque here and checked by the schema of its kind; only that
// kind's folder in packages/items and its mapping on each side look into it.

import { type TProperties, type TSchema, Type } from 'typebox';
import { LinkId } from './ids.ts';
import { type ItemKind, itemKinds, kinds } from './kinds.ts';
import { Side } from './mailbox.ts';
import { type Data, Instant } from './shape.ts';

/** An item is named by its kind, side and id: ids of two kinds may be equal, and mostly are on SuperOffice. */
export interface ItemRef {
  readonly kind: ItemKind;
  readonly side: Side;
  readonly id: string;
}
export const ItemRef = Type.Object({ kind: Type.String(), side: Side, id: Type.String() });

/** What an item says, whole, or only the fields to write. Who looks inside asks the kind. */
export type ItemContent = Readonly<Record<string, unknown>>;

/** The mark that we leave on an item of either side: whose link it belongs to. It counts only in its own mailbox. */
export const Stamp = Type.Object({ linkId: LinkId, mailbox: Type.String() });
export type Stamp = Data<typeof Stamp>;

const held = {
  id: Type.String(),
  version: Type.String(),
  /** `single` is what can be synchronized; anything else parks the item with its shape as the reason. */
  shape: Type.String(),
  stamp: Type.Optional(Stamp),
  /** The iCalendar UID where the side has one. */
  uid: Type.Optional(Type.String()),
  createdAt: Type.Optional(Instant),
  modifiedAt: Type.Optional(Instant),
  /** True when our own account made the last change, as far as the side tells. */
  modifiedByUs: Type.Optional(Type.Boolean()),
};
type Held = Data<ReturnType<typeof heldObject>>;
const heldObject = () => Type.Object(held);

/** An item as one side holds it now. `modifiedAt` serves the conflict rule only; `version` is compared for equality. */
export type Item<C = ItemContent> = Held & { readonly kind: ItemKind; readonly content: C };
export const Item = Type.Unsafe<Item>(ofEachKind((content) => ({ ...held, content })));

/** One row of a listing: enough to pair items without reading them. */
export const ItemRow = Type.Object({
  id: Type.String(),
  /** Absent where the listing cannot give the version as a read would. */
  version: Type.Optional(Type.String()),
  shape: Type.String(),
  /** When it begins, for a kind that is listed by time. */
  start: Type.Optional(Instant),
  stamp: Type.Optional(Stamp),
  uid: Type.Optional(Type.String()),
});
export type ItemRow = Data<typeof ItemRow>;

/** What reading one id came to. `missing` says only that the side does not show it: it proves no delete. */
export const ItemRead = Type.Union([
  Type.Object({ kind: Type.Literal('found'), item: Item }),
  Type.Object({ kind: Type.Literal('missing'), id: Type.String() }),
  Type.Object({
    kind: Type.Literal('failed'),
    id: Type.String(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
  }),
]);
export type ItemRead =
  | { readonly kind: 'found'; readonly item: Item }
  | { readonly kind: 'missing'; readonly id: string }
  | { readonly kind: 'failed'; readonly id: string; readonly code: string; readonly detail?: string };

/** What a conditional write came to. `conflict`: somebody changed it since `version` was read; read and merge again. */
export const WriteResult = Type.Union([
  Type.Object({ kind: Type.Literal('written'), id: Type.String(), version: Type.String() }),
  Type.Object({ kind: Type.Literal('conflict') }),
  Type.Object({ kind: Type.Literal('missing') }),
]);
export type WriteResult = Data<typeof WriteResult>;

export const DeleteResult = Type.Union([
  Type.Object({ kind: Type.Literal('deleted') }),
  Type.Object({ kind: Type.Literal('conflict') }),
  Type.Object({ kind: Type.Literal('missing') }),
]);
export type DeleteResult = Data<typeof DeleteResult>;

/** One branch a kind: `kind` chooses the schema of the content. `given` makes the other properties from it. */
export function ofEachKind(given: (content: TSchema, kind: ItemKind) => TProperties): TSchema {
  return Type.Union(
    itemKinds.map((kind) => Type.Object({ kind: Type.Literal(kind), ...given(kinds[kind].content, kind) })),
  );
}
