// The people who can be linked, with the address that suggests their mailbox.
import type { ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import type { Handler, OperationContext } from './operation-context.ts';

type Operation = typeof superoffice.listAssociates;

export function listAssociates(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
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
