// What is not an entity: version, current user, time zones and the lists that users choose from.
import { associateFullName, briefAssociate } from '../entities/brief-entity.ts';
import { listItem, priorityList, taskEntity, taskList } from '../entities/lists.ts';
import { type AddRoute, type Call, type Handler, ok, textParam } from '../http/call.ts';
import { SoError } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import { zoneEntries } from '../time/time-zone.ts';

const version = '12.4.1514.0';

export function addSystemRoutes(
  add: AddRoute,
  addOpen: (method: string, path: string, handler: Handler) => void,
  database: Database,
  contextIdentifier: string,
): void {
  addOpen('GET', '/api', (call) =>
    ok({
      v1: call.apiUrl,
      NetServerVersion: version,
      NetServerAssembly: `SuperOffice.Services.WebApi, Version=${version}`,
      NetServerDate: '2026-11-01',
      NetServerLabel: 'simulator',
      NetServer: 'SuperOffice NetServer',
      Services: 'Services87',
      ServicesCurrent: 'Services88',
      Version: 'v1',
    }),
  );
  add('GET', '/User/currentPrincipal', (call) => ok(principal(call, database, contextIdentifier)));
  add('GET', '/timezone', () =>
    ok(
      zoneEntries.map((entry) => ({
        TZLocationID: entry.id,
        Name: entry.name,
        TZLocationCode: entry.code,
        TZLocationCities: entry.zone,
        IsActive: true,
      })),
    ),
  );
  add('GET', '/List/Task/Items', () => ok(taskList.map((task) => taskEntity(task.id))));
  add('GET', '/MDOList/:name', (call) => {
    const name = textParam(call, 'name').toLowerCase();
    if (name === 'task') return ok(taskList.map((task, rank) => listItem(task.id, task.value, 'task', rank + 1, null)));
    if (name === 'priority') {
      return ok(priorityList.map((item, rank) => listItem(item.id, item.value, 'priority', rank + 1, null)));
    }
    if (name === 'associate') {
      const rows = [...database.associates.values()].filter((row) => !row.deleted);
      return ok(
        rows.map((row, rank) =>
          listItem(row.associate_id, row.name, 'associate', rank + 1, associateFullName(database, row.associate_id)),
        ),
      );
    }
    throw new SoError(404, 'SoNotFoundException', `List '${name}' not found`);
  });
}

function principal(call: Call, database: Database, contextIdentifier: string): unknown {
  const { actor } = call;
  const person = database.persons.get(actor.person_id);
  return {
    UserType: actor.type,
    Associate: actor.name,
    AssociateId: actor.associate_id,
    IsPerson: person !== undefined,
    PersonId: actor.person_id,
    ContactId: person?.contact_id ?? 0,
    GroupId: actor.group_idx,
    RoleId: 1,
    RoleName: actor.type === 'SystemAssociate' ? 'System' : 'User',
    RoleType: actor.type === 'SystemAssociate' ? 'System' : 'Employee',
    FullName: associateFullName(database, actor.associate_id),
    EMailAddress: person?.elements.Emails[0]?.value ?? '',
    FunctionRights: [],
    SecondaryGroups: [],
    DatabaseContextIdentifier: contextIdentifier,
    UserName: actor.userName,
    AssociateObject: briefAssociate(database, actor.associate_id),
  };
}
