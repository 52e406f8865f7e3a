// One side as the engine sees it: the same verbs for Exchange and SuperOffice, so that everything that decides or carries
// out is written once. Each verb is one request over the bus; expected failures are outcomes.
import type {
  Appointment,
  AppointmentChanges,
  AppointmentContent,
  AppointmentRow,
  DeleteResult,
  Instant,
  MailboxKey,
  Outcome,
  Priority,
  ReadResult,
  Side,
  Stamp,
  WriteResult,
} from '@lockstep/contracts';
import type { Evidence } from '../decide/delete-proof.ts';

/** For whom and how urgently a request is made, and until when. */
export interface Call {
  readonly mailbox: MailboxKey;
  readonly priority: Priority;
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly rows: readonly AppointmentRow[];
  /** What to give for the next page; undefined after the last. */
  readonly next: string | undefined;
}

export interface SideClient {
  readonly side: Side;
  read(call: Call, ids: readonly string[]): Promise<Outcome<readonly ReadResult[]>>;
  /** One page of what touches `[from, to)`. */
  list(call: Call, from: Instant, to: Instant, next: string | undefined): Promise<Outcome<Page>>;
  create(
    call: Call,
    content: AppointmentContent,
    stamp: Stamp,
  ): Promise<Outcome<{ readonly id: string; readonly version: string }>>;
  /** Writes if the item still has `version`. */
  write(call: Call, id: string, version: string, changes: AppointmentChanges): Promise<Outcome<WriteResult>>;
  /** Deletes if the item still has `version`. */
  remove(call: Call, id: string, version: string): Promise<Outcome<DeleteResult>>;
  /** Puts a stamp on an item that a person made. The version is that after the stamp. */
  stamp(call: Call, item: Appointment, stamp: Stamp): Promise<Outcome<WriteResult>>;
  /** The ids of the items that bear this stamp. */
  findByStamp(call: Call, stamp: Stamp): Promise<Outcome<readonly string[]>>;
  /** Items that our own account made since then and that bear no stamp (a create that broke off before its stamp). */
  findUnstamped(call: Call, since: Instant): Promise<Outcome<readonly Appointment[]>>;
  /** Whether an item that was not found by id is deleted; `byStamp` is what was found by its stamp. */
  evidence(call: Call, id: string, byStamp: readonly string[]): Promise<Outcome<Evidence>>;
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
