// REST resources /Person and /Contact with their agent twins. A soft-deleted one is not found until it is restored.

import { emptyContact, emptyPerson } from '../access/people.ts';
import { foreignKeyEntity } from '../foreign-keys/foreign-keys.ts';
import {
  type AddRoute,
  type Answer,
  type Call,
  checkUnmodified,
  idParam,
  lastModified,
  noContent,
  notModifiedSince,
  ok,
} from '../http/call.ts';
import { notFound } from '../input/error.ts';
import { type Json, readInteger, readObject } from '../input/json-input.ts';
import { patchEntity } from '../input/patch.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow, ContactRow, PersonRow } from '../store/rows.ts';
import type { Table } from '../store/table.ts';
import type { Directory } from './directory.ts';
import {
  contactEntity,
  directoryNames,
  personEntity,
  readContact,
  readCustomFields,
  readPerson,
} from './directory-entity.ts';

/** What persons and companies have in common over HTTP. */
interface Resource<Row extends ContactRow | PersonRow> {
  readonly name: 'Person' | 'Contact';
  readonly table: Table<Row>;
  readonly customFields: Table<Readonly<Record<string, string>>>;
  readonly empty: Row;
  readonly id: (row: Row) => number;
  readonly entity: (row: Row, call: Call) => Json;
  readonly read: (before: Json, after: Json, row: Row, call: Call) => Row;
  readonly insert: (row: Row, actor: AssociateRow) => Row;
  readonly update: (before: Row, wanted: Row, actor: AssociateRow) => Row;
  readonly remove: (row: Row, actor: AssociateRow) => void;
}

export function addDirectoryRoutes(add: AddRoute, directory: Directory, database: Database): void {
  const persons: Resource<PersonRow> = {
    name: 'Person',
    table: database.persons,
    customFields: database.personCustomFields,
    empty: emptyPerson,
    id: (row) => row.person_id,
    entity: (row, call) => personEntity(row, database, call.dates),
    read: (before, after, row, call) => readPerson(before, after, row, call.dates),
    insert: (row, actor) => directory.insertPerson(row, actor),
    update: (before, wanted, actor) => directory.updatePerson(before, wanted, actor),
    remove: (row, actor) => directory.deletePerson(row, actor),
  };
  const contacts: Resource<ContactRow> = {
    name: 'Contact',
    table: database.contacts,
    customFields: database.contactCustomFields,
    empty: emptyContact,
    id: (row) => row.contact_id,
    entity: (row, call) => contactEntity(row, database, call.dates),
    read: (before, after, row) => readContact(before, after, row),
    insert: (row, actor) => directory.insertContact(row, actor),
    update: (before, wanted, actor) => directory.updateContact(before, wanted, actor),
    remove: (row, actor) => directory.deleteContact(row, actor),
  };
  addResource(add, persons, database);
  addResource(add, contacts, database);
  addAgent(add, persons);
  addAgent(add, contacts);
  addPersonMoves(add, persons, contacts, directory);
}

function addResource<Row extends ContactRow | PersonRow>(
  add: AddRoute,
  resource: Resource<Row>,
  database: Database,
): void {
  const path = `/${resource.name}`;
  const byPath = (call: Call) => get(resource, idParam(call, 'id', resource.name));
  const answer = (row: Row, call: Call): Answer => {
    const self = `${call.apiUrl}${path}/${resource.id(row)}`;
    const links = { _Links: { Self: self, 'Self.Simple': `${self}/Simple`, Archive: `${call.apiUrl}${path}` } };
    return ok({ ...resource.entity(row, call), ...links }, lastModified(stampOf(row)));
  };
  add('GET', `${path}/default`, (call) => ok(resource.entity(resource.empty, call)));
  add('POST', path, (call) => answer(create(resource, call.body, call), call));
  add('GET', `${path}/:id`, (call) => {
    const row = byPath(call);
    if (notModifiedSince(call, stampOf(row))) return { status: 304, headers: lastModified(stampOf(row)) };
    return answer(row, call);
  });
  add('PUT', `${path}/:id`, (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    return answer(save(resource, row, readObject(directoryNames.read(call.body), resource.name), call), call);
  });
  add('PATCH', `${path}/:id`, (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    const after = patchEntity(resource.entity(row, call), call.body, directoryNames, () => false);
    return answer(save(resource, row, after, call), call);
  });
  add('DELETE', `${path}/:id`, (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    resource.remove(row, call.actor);
    return noContent;
  });
  add('GET', `${path}/:id/ForeignKey`, (call) => {
    const id = resource.id(byPath(call));
    const keys = database.foreignKeys.ofRecord(resource.name.toLowerCase(), id);
    return ok(keys.map((key) => foreignKeyEntity(key, database, call.dates)));
  });
}

function addAgent<Row extends ContactRow | PersonRow>(add: AddRoute, resource: Resource<Row>): void {
  const { name } = resource;
  const agent = `/Agents/${name}`;
  const find = (call: Call) => {
    const query = new Map([...call.query].map(([key, value]) => [key.toLowerCase(), value]));
    return present(resource, readInteger(query.get(`${name}EntityId`.toLowerCase()), `${name}EntityId`));
  };
  add('POST', `${agent}/CreateDefault${name}Entity`, (call) => ok(resource.entity(resource.empty, call)));
  add('POST', `${agent}/Get${name}Entity`, (call) => {
    const row = find(call);
    return ok(row === undefined ? null : resource.entity(row, call));
  });
  add('POST', `${agent}/Save${name}Entity`, (call) => {
    const entity = readObject(directoryNames.read(call.body), `${name}Entity`);
    const id = readInteger(entity[`${name}Id`], `${name}Id`);
    const row = id === 0 ? create(resource, entity, call) : save(resource, get(resource, id), entity, call);
    return ok(resource.entity(row, call));
  });
  add('POST', `${agent}/Delete${name}Entity`, (call) => {
    const row = find(call);
    if (row !== undefined) resource.remove(row, call.actor);
    return ok(null);
  });
}

function addPersonMoves(
  add: AddRoute,
  persons: Resource<PersonRow>,
  contacts: Resource<ContactRow>,
  directory: Directory,
): void {
  add('POST', '/Agents/Person/Undelete', (call) => {
    const body = readObject(directoryNames.read(call.body), 'The argument');
    const row = persons.table.get(readInteger(body['PersonId'] ?? body['Id'], 'PersonId'));
    if (row !== undefined && row.deletedAt !== 0) directory.undeletePerson(row, call.actor);
    return ok(null);
  });
  add('POST', '/Person/:id/MergeTo/:destination', (call) => {
    const source = get(persons, idParam(call, 'id', 'Person'));
    directory.mergePerson(source, get(persons, idParam(call, 'destination', 'Person')), call.actor);
    return noContent;
  });
  add('POST', '/Person/:id/MoveTo/:destination', (call) => {
    const person = get(persons, idParam(call, 'id', 'Person'));
    directory.movePerson(person, get(contacts, idParam(call, 'destination', 'Contact')), call.actor);
    return noContent;
  });
}

function create<Row extends ContactRow | PersonRow>(resource: Resource<Row>, body: unknown, call: Call): Row {
  const before = resource.entity(resource.empty, call);
  const after = { ...before, ...readObject(directoryNames.read(body), `${resource.name}Entity`) };
  const row = resource.insert(resource.read(before, after, resource.empty, call), call.actor);
  keepCustomFields(resource, row, before, after);
  return row;
}

function save<Row extends ContactRow | PersonRow>(resource: Resource<Row>, row: Row, after: Json, call: Call): Row {
  const before = resource.entity(row, call);
  keepCustomFields(resource, row, before, after);
  return resource.update(row, resource.read(before, after, row, call), call.actor);
}

function keepCustomFields<Row extends ContactRow | PersonRow>(
  resource: Resource<Row>,
  row: Row,
  before: Json,
  after: Json,
): void {
  const changed = readCustomFields(before, after);
  const id = resource.id(row);
  if (changed !== undefined) resource.customFields.set(id, { ...resource.customFields.get(id), ...changed });
}

function present<Row extends ContactRow | PersonRow>(resource: Resource<Row>, id: number): Row | undefined {
  const row = resource.table.get(id);
  return row === undefined || row.deletedAt !== 0 ? undefined : row;
}

function get<Row extends ContactRow | PersonRow>(resource: Resource<Row>, id: number): Row {
  const row = present(resource, id);
  if (row === undefined) throw notFound(resource.name, id);
  return row;
}

const stampOf = (row: ContactRow | PersonRow): number => row.updated || row.registered;
