// An AppointmentEntity as the bus speaks of it. The version is computed here, from the whole content, so that it is the
// same whoever reads the row and however much of its text is then sent on.

import {
  type Appointment,
  type AppointmentContent,
  failure,
  type Instant,
  type Outcome,
  success,
  type ZoneName,
} from '@lockstep/contracts';
import { contentHash } from '@lockstep/items';
import type { AppointmentEntity } from '../client/entities.ts';
import { readInstant, UnreadableDate } from '../client/superoffice-date.ts';
import { readPrivacy } from './privacy.ts';
import { shapeOf } from './shape.ts';
import { readTime } from './time.ts';
import { readTitleAndText } from './title-and-text.ts';

export interface Reader {
  /** The zone in which the owner's all-day events are days. */
  readonly zone: ZoneName;
  /** Our own associate, when known. */
  readonly ownAssociateId: number | undefined;
}

/** Only a row without any date needs it; such a row is never `single`. */
const noTime: Instant = '1970-01-01T00:00:00.000Z';

/** Error `superoffice-reply-unreadable` when a date cannot be understood; `detail` names its field. */
export function readAppointment(entity: AppointmentEntity, reader: Reader): Outcome<Appointment> {
  try {
    return success(appointmentOf(entity, reader));
  } catch (error) {
    if (!(error instanceof UnreadableDate)) throw error;
    return failure('superoffice-reply-unreadable', { detail: error.message });
  }
}

/** `<UpdatedDate or CreatedDate>/<updatedCount or ->/<content hash>` (the entity has no updatedCount; design §7). */
export function versionOf(touchedAt: Instant | undefined, content: AppointmentContent): string {
  return `${touchedAt ?? '-'}/-/${contentHash({ kind: 'appointment', content: content })}`;
}

/** When SuperOffice last stored the row: UpdatedDate, or CreatedDate of a row that was never updated. @throws UnreadableDate */
export function touchedAt(entity: AppointmentEntity): Instant | undefined {
  return readInstant(entity.UpdatedDate, 'UpdatedDate') ?? readInstant(entity.CreatedDate, 'CreatedDate');
}

function appointmentOf(entity: AppointmentEntity, reader: Reader): Appointment {
  const content = contentOf(entity, reader.zone);
  const createdAt = readInstant(entity.CreatedDate, 'CreatedDate');
  const modifiedAt = touchedAt(entity);
  const modifier = entity.UpdatedBy?.AssociateId || entity.CreatedBy?.AssociateId;
  return {
    id: String(entity.AppointmentId),
    version: versionOf(modifiedAt, content),
    shape: shapeOf(entity),
    content,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(reader.ownAssociateId === undefined ? {} : { modifiedByUs: modifier === reader.ownAssociateId }),
  };
}

function contentOf(entity: AppointmentEntity, zone: ZoneName): AppointmentContent {
  const { title, text } = readTitleAndText(entity);
  const time = readTime(entity, zone) ?? { kind: 'timed', start: noTime, end: noTime };
  return {
    title,
    time,
    location: entity.Location ?? '',
    text: { format: 'plain', content: text },
    busy: entity.IsFree === true ? 'free' : 'busy',
    privacy: readPrivacy(entity),
  };
}
