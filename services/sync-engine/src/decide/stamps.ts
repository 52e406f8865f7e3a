// Stamps travel with copies, restores and invitations: several items may bear one link id.
import type { ItemRow, MailboxKey } from '@lockstep/contracts';

/** Of several items with one link id first those with this mailbox's own stamp, in the order of their ids. */
export function preferred(rows: readonly ItemRow[], mailbox: MailboxKey): readonly ItemRow[] {
  const foreign = ({ stamp }: ItemRow) => (stamp?.mailbox === mailbox ? 0 : 1);
  return rows.toSorted((a, b) => foreign(a) - foreign(b) || (a.id < b.id ? -1 : 1));
}
