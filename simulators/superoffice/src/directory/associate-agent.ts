// The Associate agent: users by id, person or group.
import { briefAssociate } from '../entities/brief-entity.ts';
import { type AddRoute, type Call, ok } from '../http/call.ts';
import { type Json, PropertyNames, readInteger, readObject } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';

const names = new PropertyNames(['AssociateId', 'PersonId', 'GroupId']);

export function addAssociateAgent(add: AddRoute, database: Database): void {
  const argument = (call: Call): Json => {
    const query = Object.fromEntries([...call.query].map(([name, value]) => [names.canonical(name), value]));
    return call.body === null ? query : { ...query, ...readObject(names.read(call.body), 'The argument') };
  };
  const all = () => [...database.associates.values()];
  add('POST', '/Agents/Associate/GetAssociate', (call) =>
    ok(briefAssociate(database, readInteger(argument(call)['AssociateId'], 'AssociateId'))),
  );
  add('POST', '/Agents/Associate/GetAssociateByPersonId', (call) => {
    const person = database.persons.get(readInteger(argument(call)['PersonId'], 'PersonId'));
    return ok(briefAssociate(database, person?.user_associate_id ?? 0));
  });
  add('POST', '/Agents/Associate/GetAssociateList', () =>
    ok(all().map((row) => briefAssociate(database, row.associate_id))),
  );
  add('POST', '/Agents/Associate/GetAssociatesByGroup', (call) => {
    const group = readInteger(argument(call)['GroupId'], 'GroupId');
    return ok(
      all()
        .filter((row) => row.group_idx === group)
        .map((row) => briefAssociate(database, row.associate_id)),
    );
  });
}
