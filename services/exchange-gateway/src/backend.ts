// The port: what the rest of the gateway asks of an Exchange server, in words that EWS and Microsoft Graph both know. A backend
// is a property of the mailbox, not of the installation. test/backends/backend-contract.ts is what each of them has to pass.
import type {
  CodedError,
  DeleteResult,
  Evidence,
  exchange,
  FolderName,
  Instant,
  ItemContent,
  ItemKind,
  ItemRead,
  ItemRow,
  MailboxKey,
  Outcome,
  Priority,
  ReplyOf,
  Stamp,
  WriteResult,
  ZoneName,
} from '@lockstep/contracts';

/** A mailbox as a backend has to know it. The address goes no further. */
export interface Mailbox {
  readonly key: MailboxKey;
  readonly address: string;
  /** The zone in which its owner counts days. */
  readonly zone: ZoneName;
}

/** On whose behalf and how urgently something is asked, and for how long the answer is of use. */
export interface Asking {
  readonly priority: Priority;
  readonly correlationId: string;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

export interface Ask extends Asking {
  readonly mailbox: Mailbox;
}

export interface ServerFacts {
  /** As the server tells it, for example 15.2.1544.11. */
  readonly version?: string;
}

export type Folder = ReplyOf<typeof exchange.getFolder>;
export type ChangePage = ReplyOf<typeof exchange.syncFolderItems>;

export interface ListPage {
  readonly rows: readonly ItemRow[];
  /** Where the next page begins, in the backend's own words; null on the last. */
  readonly next: string | null;
}

export interface ListWish {
  /** Without one: everything of the kind. */
  readonly range?: { readonly from: Instant; readonly to: Instant } | undefined;
  readonly cursor: string | null;
  readonly maxItems: number;
}

/** The one item that is meant, as it was seen. */
export interface SeenItem {
  readonly id: string;
  readonly version: string;
}

/** What is to be written onto an item; at least one of the two. */
export interface ItemWrite {
  readonly changes?: ItemContent;
  readonly stamp?: Stamp;
}

/**
 * Expected failures are outcomes with the codes of the error table. Whoever cannot do something without a message being sent to
 * somebody answers `exchange-would-notify` and has done nothing. Every method may be aborted by the signal of its ask.
 */
export interface Backend {
  /** Stands in the names of leases; one word. */
  readonly name: string;

  /** Whether it is worth asking: settings complete, secret opened, account not refused. Asks no server. */
  ready(): Promise<Outcome<void>>;

  /** One request that needs no mailbox: the server answers and takes the account. */
  reach(asking: Asking): Promise<Outcome<ServerFacts>>;

  /** True while the server refuses the account and only probes are sent. */
  refused(): boolean;

  /** That the folder is there, and what we may do in it. */
  getFolder(ask: Ask, folder: FolderName): Promise<Outcome<Folder>>;

  /**
   * What changed since the cookie; without one, every item is `created`. `suspect` is for a detector that cannot tell a delete from
   * an item that left its sight: look at this id. A refused cookie is `exchange-sync-state-invalid`.
   */
  changesSince(ask: Ask, folder: FolderName, cookie: string | null, maxChanges: number): Promise<Outcome<ChangePage>>;

  /** One result an id, in the order asked. What cannot be read fails alone. */
  read(ask: Ask, kind: ItemKind, ids: readonly string[]): Promise<Outcome<readonly ItemRead[]>>;

  /** One page, ordered so that going through the pages names each item. An unknown cursor is `request-invalid`. */
  list(ask: Ask, kind: ItemKind, wish: ListWish): Promise<Outcome<ListPage>>;

  /** Creates with the stamp in the same step, so that an item of ours is never without it. */
  create(ask: Ask, kind: ItemKind, content: ItemContent, stamp: Stamp): Promise<Outcome<SeenItem>>;

  /** Writes if the item still has the version. Values that this side does not know are left alone. */
  write(ask: Ask, kind: ItemKind, item: SeenItem, write: ItemWrite): Promise<Outcome<WriteResult>>;

  /** Moves to Deleted Items if the item still has the version. */
  remove(ask: Ask, kind: ItemKind, item: SeenItem): Promise<Outcome<DeleteResult>>;

  /** What bears the stamp of this link, in the folder of the kind, at most ten; `anyMailbox`: whatever mailbox key it names. */
  findByStamp(ask: Ask, kind: ItemKind, stamp: Stamp, anyMailbox: boolean): Promise<Outcome<readonly ItemRow[]>>;

  /** What speaks for a delete of an item that was not found, looked up now. */
  evidence(ask: Ask, kind: ItemKind, id: string, stamp: Stamp): Promise<Outcome<Evidence>>;

  /** True when the server tells of changes by itself with the settings as they are. */
  watches(): boolean;

  /** A watch over the mailboxes of one group; nothing is asked yet. */
  openWatch(): Watch;

  /** Equal as long as server, account and secret are: when it changes, what was learned about the old ones counts no more. */
  place(): string;

  /** The place has changed. */
  forget(): void;
}

/** One subscription, as the server names it. */
export type SubscriptionId = string & { readonly __brand: 'SubscriptionId' };

/** What the server tells of several mailboxes by itself, over one connection. */
export interface Watch {
  /** The mailbox that all the others hang on, once there is one; when it goes, another takes its place (`hangOn`). */
  readonly anchor: MailboxKey | undefined;

  /** From its success on, no change in the watched folders goes untold while the watch is held. The value is a subscription's id. */
  subscribe(ask: Ask): Promise<Outcome<SubscriptionId>>;

  /** Ends a subscription that no held connection covers. One that is not there any more counts as ended. */
  unsubscribe(ask: Ask, id: SubscriptionId): Promise<Outcome<void>>;

  /** The anchor goes: the others hang on this mailbox from now on, which has a subscription of this watch. */
  hangOn(mailbox: Mailbox): void;

  /**
   * Holds the connection over these subscriptions until it ends, for whatever reason. A second one over the same subscriptions ends
   * the first as `superseded`, and between the two no event is lost.
   */
  hold(wish: HoldWish): Promise<WatchEnd>;
}

export interface HoldWish {
  readonly subscriptionIds: readonly SubscriptionId[];
  readonly correlationId: string;
  readonly signal: AbortSignal;
  /** Events by subscription: how many there were since the last call. */
  readonly onEvents: (events: ReadonlyMap<SubscriptionId, number>) => void;
}

export interface WatchEnd {
  /** True when the server ended it in good order: then no event was lost. */
  readonly clean: boolean;
  readonly error?: CodedError;
  /** A newer connection took subscriptions over; what was told until then has come. */
  readonly superseded?: boolean;
  /** Subscriptions that have to be made anew. */
  readonly lost: readonly SubscriptionId[];
  /** True when the connection stood, so that events may have been under way. */
  readonly stood: boolean;
}
