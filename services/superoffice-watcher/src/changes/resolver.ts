// From "something happened to row 4711" to messages for the mailboxes that it concerns. Whatever said so, webhook or poll,
// is only a hint: the row is read, compared with what the index says was published last, and the difference is published.
// The order is what makes it safe to die anywhere: a row's mailbox is stored before its change is published, so that its
// delete can be resolved; that it was published is stored afterwards, so that a lost message is published again.
import { createHash } from 'node:crypto';
import { BusError } from '@lockstep/bus';
import { failure, type ItemKind, type MailboxKey, type Outcome, success, type UserLink } from '@lockstep/contracts';
import type { AppointmentEntity } from '../client/entities.ts';
import type { Tenant } from '../client/tenant.ts';
import { watcherConfig } from '../config.ts';
import { readItem } from '../mapping/item.ts';
import { kindOfRow } from '../mapping/kinds.ts';
import type { IndexRow } from './index-chunk.ts';
import type { PublishContext, Publisher } from './publisher.ts';
import type { RowIndex } from './row-index.ts';
import type { UserDirectory } from './user-directory.ts';

export type Resolution = 'published' | 'unchanged' | 'not-ours';

export interface ResolveContext extends PublishContext {
  /** Publish even what the index says was published: NATS may have lost it. */
  readonly force: boolean;
  /**
   * SuperOffice named the delete of this row, by an event or in its log. A read that does not show it proves nothing: it is
   * told, and the index goes on knowing the row, or a delete that follows later would find nobody to be told to.
   */
  readonly isNamedDelete: boolean;
}

export interface ResolverOptions {
  readonly tenant: Tenant;
  readonly index: RowIndex;
  readonly directory: UserDirectory;
  readonly publisher: Publisher;
  /** The kinds that the settings say are synchronized. */
  readonly watched: () => readonly ItemKind[];
  readonly now: () => number;
}

/** A row as it was read, and of which kind it is. */
interface SeenRow {
  readonly id: number;
  readonly kind: ItemKind;
  readonly entity: AppointmentEntity;
  readonly serverNow: number | undefined;
}

export class Resolver {
  readonly #options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Expected failures are outcomes: SuperOffice or NATS unreachable, an answer that cannot be read. */
  async resolve(id: number, context: ResolveContext): Promise<Outcome<Resolution>> {
    try {
      return await this.#resolve(id, context);
    } catch (error) {
      if (error instanceof BusError) return { ok: false, error: error.error };
      throw error;
    }
  }

  async #resolve(id: number, context: ResolveContext): Promise<Outcome<Resolution>> {
    const connection = await this.#options.tenant.connection();
    if (!connection.ok) return connection;
    const found = await connection.value.appointments.get(id, false, context.signal);
    if (!found.ok) return found;
    const before = await this.#options.index.get(id);
    if (found.value.kind === 'missing') return this.#vanished(id, before, context, context.isNamedDelete);
    const { entity, serverNow } = found.value;
    const link = this.#options.directory.ofAssociate(entity.Associate?.AssociateId);
    if (link === undefined) return this.#vanished(id, before, context, true);
    // What we knew as something and is no item of any kind any more stays what it was; reading it says that it is `other`.
    const kind = kindOfRow(entity) ?? before?.kind;
    if (kind === undefined || (before === undefined && !this.#options.watched().includes(kind)))
      return success('not-ours');
    const moved = before !== undefined && (before.mailbox !== link.mailbox || before.kind !== kind);
    if (moved && before.state !== 'gone') {
      const left = await this.#publishVanished(id, before, context);
      if (!left.ok) return left;
    }
    return this.#changed({ id, kind, entity, serverNow }, link, before, context);
  }

  async #changed(
    { id, kind, entity, serverNow }: SeenRow,
    link: UserLink,
    before: IndexRow | undefined,
    context: ResolveContext,
  ): Promise<Outcome<Resolution>> {
    const { index, publisher } = this.#options;
    const read = readItem(kind, entity, { zone: link.zone, ownAssociateId: undefined });
    if (!read.ok) return read;
    const { version, modifiedAt } = read.value;
    const touchedSec = secondsOf(modifiedAt);
    const final = serverNow !== undefined && serverNow / 1000 - touchedSec >= watcherConfig.changes.settledAfterSec;
    const after: IndexRow = {
      mailbox: link.mailbox,
      kind,
      state: final ? 'settled' : 'seen',
      touchedSec,
      digest: digestOf(version),
    };
    const isKnown = before !== undefined && before.mailbox === link.mailbox && before.kind === kind;
    if (!isKnown || before.state === 'gone') {
      await index.change(id, () => ({ ...after, state: 'placed', digest: '' }));
    } else if (before.digest === after.digest && !context.force) {
      if (before.state !== after.state) await index.change(id, ifStill(link.mailbox, after));
      return success('unchanged');
    }
    const published = await publisher.item(link.mailbox, { kind, id }, { vanished: false, version }, context);
    if (!published.ok) return published;
    await index.change(id, ifStill(link.mailbox, after));
    return success('published');
  }

  /** The row is gone, or belongs to nobody we know: the mailbox that had it is told, and it is forgotten where that is proved. */
  async #vanished(
    id: number,
    before: IndexRow | undefined,
    context: ResolveContext,
    isProved: boolean,
  ): Promise<Outcome<Resolution>> {
    if (before === undefined) return success('not-ours');
    if (before.state === 'gone' && !context.force) return success('unchanged');
    if (this.#options.directory.link(before.mailbox)?.enabled !== true) return success('not-ours');
    const published = await this.#publishVanished(id, before, context);
    if (!published.ok || !isProved) return published.ok ? success('published') : published;
    const touchedSec = Math.floor(this.#options.now() / 1000);
    await this.#options.index.change(id, ifStill(before.mailbox, { ...before, state: 'gone', touchedSec, digest: '' }));
    return success('published');
  }

  #publishVanished(id: number, { mailbox, kind }: IndexRow, context: ResolveContext): Promise<Outcome<void>> {
    if (this.#options.directory.link(mailbox)?.enabled !== true) return Promise.resolve(success(undefined));
    return this.#options.publisher.item(mailbox, { kind, id }, { vanished: true }, context);
  }
}

/** Places a row that we made or took over, so that its delete can be resolved even if no event of it ever came. */
export async function placeRow(
  index: RowIndex,
  { kind, id }: { readonly kind: ItemKind; readonly id: number },
  mailbox: MailboxKey,
): Promise<Outcome<void>> {
  try {
    await index.change(id, (row) =>
      row?.mailbox === mailbox && row.kind === kind && row.state !== 'gone'
        ? row
        : { mailbox, kind, state: 'placed', touchedSec: 0, digest: '' },
    );
    return success(undefined);
  } catch (error) {
    if (error instanceof BusError) return failure(error.error.code, { detail: 'index' });
    throw error;
  }
}

/** Another replica may have given the row to another mailbox meanwhile: then its word stands. */
function ifStill(mailbox: MailboxKey, after: IndexRow): (row: IndexRow | undefined) => IndexRow | undefined {
  return (row) => (row?.mailbox === mailbox ? after : row);
}

export function secondsOf(instant: string | undefined): number {
  return instant === undefined ? 0 : Math.floor(Date.parse(instant) / 1000);
}

function digestOf(version: string): string {
  return createHash('sha256').update(version).digest().subarray(0, 8).toString('base64url');
}
