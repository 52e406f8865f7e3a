// The people who can be linked, with the address that suggests their mailbox.
import type { superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import type { Handler, OperationContext } from './operation-context.ts';

export function listAssociates(context: OperationContext): Handler<typeof superoffice.listAssociates> {
  return async ({ afterAssociateId, maxItems }, { signal }) => {
    const connection = await context.tenant.connection();
    if (!connection.ok) return connection;
    const users = await connection.value.archive.users(afterAssociateId, maxItems, signal);
    if (!users.ok) return users;
    const associates = users.value.map(({ associateId, name, fullName, email, active }) => ({
      associateId,
      name,
      fullName,
      active,
      ...(email === undefined ? {} : { email }),
    }));
    return success({ associates, more: associates.length === maxItems });
  };
}
