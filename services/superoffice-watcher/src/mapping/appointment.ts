// The kind `appointment`: a row that stands in a diary, whatever its follow-up type says.
import { type AppointmentContent, type Instant, knownBusyStates } from '@lockstep/contracts';
import { appointmentLimits } from '@lockstep/items';
import type { KindMapping } from './kind-mapping.ts';
import { newPrivacy, readPrivacy, writePrivacy } from './privacy.ts';
import { shapeOf } from './shape.ts';
import { readTime, sameTime, writeTime } from './time.ts';
import { newTitleAndText, readTitleAndText, writeTitleAndText } from './title-and-text.ts';

const plain = 'inDiary';
const diaryTypes: ReadonlySet<string> = new Set([plain, 'BookingForDiary']);

/** Only a row without any date needs it; such a row is never `single`. */
const noTime: Instant = '1970-01-01T00:00:00.000Z';

export const appointment: KindMapping<AppointmentContent> = {
  rowTypes: [1, 6],
  template: undefined,
  usesPriorities: false,
  holds: (entity) => diaryTypes.has(entity.Type ?? ''),
  shapeOf: (entity) => shapeOf(entity, plain),
  read(entity, zone) {
    const { title, text } = readTitleAndText(entity);
    return {
      title,
      time: readTime(entity, zone) ?? { kind: 'timed', start: noTime, end: noTime },
      location: entity.Location ?? '',
      text: { format: 'plain', content: text },
      busy: entity.IsFree === true ? 'free' : 'busy',
      privacy: readPrivacy(entity),
    };
  },
  // The owner is always set: SuperOffice would take the caller. No alarm: the reminder rings where the person planned it.
  newRow(template, content, owner) {
    const time = writeTime(content.time, owner.zone);
    return {
      ...template,
      ...newTitleAndText(template, content),
      ...time,
      ActiveDate: time.StartDate,
      Location: cut(content.location),
      IsFree: content.busy === 'free',
      ...newPrivacy(content.privacy, owner.associateId),
      Type: plain,
      Associate: { AssociateId: owner.associateId },
      HasAlarm: false,
    };
  },
  fieldsFor(entity, changes, owner) {
    const { time, location, busy, privacy } = changes;
    const timeChanges = time !== undefined && !sameTime(readTime(entity, owner.zone), time);
    return {
      ...writeTitleAndText(entity, changes),
      ...(timeChanges ? writeTime(time, owner.zone) : {}),
      ...(location === undefined ? {} : { Location: cut(location) }),
      ...(busy === undefined || !isKnownBusy(busy) ? {} : { IsFree: busy === 'free' }),
      ...writePrivacy(entity, privacy, owner.associateId),
    };
  },
};

/** Unknown values are never written back. */
function isKnownBusy(busy: string): boolean {
  return (knownBusyStates as readonly string[]).includes(busy);
}

/** SuperOffice refuses a longer location. Cuts without splitting a character in two. */
function cut(location: string): string {
  const { locationChars } = appointmentLimits;
  if (location.length <= locationChars) return location;
  const splits = /[\uD800-\uDBFF]/.test(location[locationChars - 1] ?? '');
  return location.slice(0, splits ? locationChars - 1 : locationChars);
}
