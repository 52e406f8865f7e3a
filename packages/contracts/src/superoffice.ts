// What the superoffice-watcher answers beside the item operations (side-operations.ts).
import { Type } from 'typebox';
import { operation } from './operation.ts';

export const SuperOfficeAssociate = Type.Object({
  associateId: Type.Integer(),
  name: Type.String(),
  fullName: Type.String(),
  email: Type.Optional(Type.String()),
  active: Type.Boolean(),
});

/** The people who can be linked, by ascending associate id. */
export const listAssociates = operation(
  'superoffice.list-associates',
  Type.Object({ afterAssociateId: Type.Integer({ minimum: 0 }), maxItems: Type.Integer({ minimum: 1, maximum: 500 }) }),
  Type.Object({ associates: Type.Array(SuperOfficeAssociate), more: Type.Boolean() }),
);
