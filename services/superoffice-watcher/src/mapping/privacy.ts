// Who may see a row. VisibleFor rules, `Private` mirrors it. SuperOffice can show a row to a group, which Exchange cannot:
// such a row is private outward, and a write never makes it visible to more people, nor to fewer.
import type { AppointmentEntity } from '../client/entities.ts';

type VisibleFor = { VisibleId: number; Visibility: string }[];

interface PrivacyFields {
  readonly Private?: string;
  readonly VisibleFor?: VisibleFor;
}

/** `normal`, `private`, or what SuperOffice wrote if we do not know it. */
export function readPrivacy(entity: Pick<AppointmentEntity, 'VisibleFor' | 'Private'>): string {
  const visibleFor = entity.VisibleFor ?? [];
  if (visibleFor.length > 0) return visibleFor.some((entry) => entry.Visibility === 'All') ? 'normal' : 'private';
  switch (entity.Private ?? 'Public') {
    case 'Public':
      return 'normal';
    case 'PrivateUser':
    case 'PrivateGroup':
      return 'private';
    default:
      return entity.Private ?? '';
  }
}

/** The fields of a new row. */
export function newPrivacy(wanted: string, ownerAssociateId: number): PrivacyFields {
  const visible = { Private: 'Public', VisibleFor: [{ VisibleId: 0, Visibility: 'All' }] };
  return { ...visible, ...writePrivacy(visible, wanted, ownerAssociateId) };
}

/** The fields to write, none when the row already says it or when it may not be changed to that. */
export function writePrivacy(
  entity: Pick<AppointmentEntity, 'VisibleFor' | 'Private'>,
  wanted: string | undefined,
  ownerAssociateId: number,
): PrivacyFields {
  const now = readPrivacy(entity);
  if (wanted === undefined || wanted === now) return {};
  if (wanted === 'normal' || wanted === 'personal') {
    if (now !== 'private' || visibleToGroup(entity)) return {};
    return { Private: 'Public', VisibleFor: [{ VisibleId: 0, Visibility: 'All' }] };
  }
  if (now !== 'normal' || (wanted !== 'private' && wanted !== 'confidential')) return {};
  return { Private: 'PrivateUser', VisibleFor: [{ VisibleId: ownerAssociateId, Visibility: 'Associate' }] };
}

function visibleToGroup(entity: Pick<AppointmentEntity, 'VisibleFor' | 'Private'>): boolean {
  const visibleFor = entity.VisibleFor ?? [];
  return entity.Private === 'PrivateGroup' || visibleFor.some((entry) => entry.Visibility === 'Group');
}
