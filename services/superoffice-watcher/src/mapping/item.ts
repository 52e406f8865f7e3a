// A row as the bus speaks of it. The version is computed here, from the whole content, so that it is the same whoever reads
// the row and however much of its text is then sent on.
import {
  failure,
  type Instant,
  type Item,
  type ItemKind,
  type Outcome,
  success,
  type ZoneName,
} from '@lockstep/contracts';
import { contentHash, type Said } from '@lockstep/items';
import type { AppointmentEntity } from '../client/entities.ts';
import { DateWithoutOffset, readInstant, UnreadableDate } from '../client/superoffice-date.ts';
import { kindOfRow, mappingOf } from './kinds.ts';

export interface Reader {
  /** The zone in which the owner's days are days. */
  readonly zone: ZoneName;
  /** Our own associate, when known. */
  readonly ownAssociateId: number | undefined;
}

/**
 * The row as an item of `kind`. One that is of no kind any more is of shape `other`.
 * Errors: `superoffice-dates-without-offset`, and `superoffice-reply-unreadable` when a date cannot be understood otherwise; `detail`
 * names its field.
 */
export function readItem(kind: ItemKind, entity: AppointmentEntity, reader: Reader): Outcome<Item> {
  try {
    return success(itemOf(kind, entity, reader));
  } catch (error) {
    if (!(error instanceof UnreadableDate)) throw error;
    const code =
      error instanceof DateWithoutOffset ? 'superoffice-dates-without-offset' : 'superoffice-reply-unreadable';
    return failure(code, { detail: error.message });
  }
}

/** `<UpdatedDate or CreatedDate>/<updatedCount or ->/<content hash>` (the entity has no updatedCount; docs/architecture.md §7). */
export function versionOf(touchedAt: Instant | undefined, said: Said): string {
  return `${touchedAt ?? '-'}/-/${contentHash(said)}`;
}

/** When SuperOffice last stored the row: UpdatedDate, or CreatedDate of a row that was never updated. @throws UnreadableDate */
export function touchedAt(entity: AppointmentEntity): Instant | undefined {
  return readInstant(entity.UpdatedDate, 'UpdatedDate') ?? readInstant(entity.CreatedDate, 'CreatedDate');
}

function itemOf(kind: ItemKind, entity: AppointmentEntity, reader: Reader): Item {
  const mapping = mappingOf(kind);
  const said = { kind, content: mapping.read(entity, reader.zone) };
  const createdAt = readInstant(entity.CreatedDate, 'CreatedDate');
  const modifiedAt = touchedAt(entity);
  const modifier = entity.UpdatedBy?.AssociateId || entity.CreatedBy?.AssociateId;
  return {
    ...said,
    id: String(entity.AppointmentId),
    version: versionOf(modifiedAt, said),
    shape: kindOfRow(entity) === kind ? mapping.shapeOf(entity) : 'other',
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(reader.ownAssociateId === undefined ? {} : { modifiedByUs: modifier === reader.ownAssociateId }),
  };
}
