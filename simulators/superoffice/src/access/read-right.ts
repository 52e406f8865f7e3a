// Who may see an appointment: its owner, those whom VisibleFor names, and the system user, who sees all. To everybody
// else it does not exist.
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow } from '../store/rows.ts';

export function mayRead(row: AppointmentRow, reader: AssociateRow | undefined, database: Database): boolean {
  if (reader === undefined) return false;
  if (reader.type === 'SystemAssociate' || row.associate_id === reader.associate_id) return true;
  const visibleFor = database.visibleFor.get(row.appointment_id);
  if (visibleFor === undefined) return true;
  return visibleFor.some(({ visibility, visibleId }) => {
    if (visibility === 'All') return true;
    return visibility === 'Group' ? visibleId === reader.group_idx : visibleId === reader.associate_id;
  });
}
