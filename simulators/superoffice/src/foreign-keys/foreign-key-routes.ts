// REST resource /ForeignApp. The identifier of a device may be left out of the path, so each route exists twice.
import { type AddRoute, type Answer, type Call, noContent, ok, textParam } from '../http/call.ts';
import { SoError } from '../input/error.ts';
import { readInteger, readObject, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { ForeignKeyRow } from '../store/rows.ts';
import { type DevicePath, type ForeignKeys, foreignKeyEntity } from './foreign-keys.ts';

export function addForeignKeyRoutes(add: AddRoute, keys: ForeignKeys, database: Database): void {
  addApps(add, keys, database);
  const base = '/ForeignApp/:app/:device';
  for (const path of [base, `${base}/:identifier`]) {
    addDevice(add, path, keys);
    addKeys(add, `${path}/Key`, keys, database);
  }
}

const pathOf = (call: Call): DevicePath => ({
  app: textParam(call, 'app'),
  device: textParam(call, 'device'),
  identifier: call.params['identifier'],
});

function addApps(add: AddRoute, keys: ForeignKeys, database: Database): void {
  const entity = (name: string, call: Call) => ok(keys.appEntity(keys.app(name), call.dates));
  add('GET', '/ForeignApp', (call) =>
    ok([...database.foreignApps.values()].map((app) => keys.appEntity(app, call.dates))),
  );
  add('POST', '/ForeignApp', (call) => {
    const body = readObject(call.body, 'ForeignAppEntity');
    const name = Object.entries(body).find(([field]) => field.toLowerCase() === 'name')?.[1];
    return ok(keys.appEntity(keys.ensureApp(readText(name, 'Name', 100)), call.dates));
  });
  add('GET', '/ForeignApp/:app', (call) => entity(textParam(call, 'app'), call));
  add('POST', '/ForeignApp/:app', (call) => ok(keys.appEntity(keys.ensureApp(textParam(call, 'app')), call.dates)));
  add('DELETE', '/ForeignApp/:app', (call) => {
    keys.deleteApp(keys.app(textParam(call, 'app')));
    return noContent;
  });
  add('GET', '/ForeignApp/:app/Devices', (call) =>
    ok(keys.devices(keys.app(textParam(call, 'app'))).map((device) => keys.deviceEntity(device, call.dates))),
  );
}

function addDevice(add: AddRoute, path: string, keys: ForeignKeys): void {
  const save = (call: Call) => ok(keys.deviceEntity(keys.ensureDevice(pathOf(call)), call.dates));
  add('GET', path, (call) => ok(keys.deviceEntity(keys.device(pathOf(call)), call.dates)));
  add('POST', path, save);
  add('PUT', path, save);
  add('DELETE', path, (call) => {
    keys.deleteDevice(keys.device(pathOf(call)));
    return noContent;
  });
}

function addKeys(add: AddRoute, path: string, keys: ForeignKeys, database: Database): void {
  const found = (key: ForeignKeyRow | undefined): ForeignKeyRow => {
    if (key === undefined) throw new SoError(404, 'SoNotFoundException', 'ForeignKey not found');
    return key;
  };
  const entity = (key: ForeignKeyRow, call: Call): Answer => ok(foreignKeyEntity(key, database, call.dates));
  const byRecord = (call: Call) =>
    found(keys.find(pathOf(call), textParam(call, 'key'), textParam(call, 'table'), recordParam(call)));

  add('POST', path, (call) => entity(keys.save(pathOf(call), call.body, false, call.actor), call));
  add('PUT', path, (call) => entity(keys.save(pathOf(call), call.body, true, call.actor), call));
  add('GET', `${path}/:key/:table/:record`, (call) => entity(byRecord(call), call));
  add('GET', `${path}/:key/:table/:record/Value`, (call) => ok(byRecord(call).value));
  add('GET', `${path}/:key/:table`, (call) => {
    const value = call.query.get('Value') ?? call.query.get('value') ?? '';
    return entity(found(keys.findByValue(pathOf(call), textParam(call, 'key'), textParam(call, 'table'), value)), call);
  });
  add('DELETE', `${path}/:key/:table/:record`, (call) => {
    keys.delete(pathOf(call), textParam(call, 'key'), textParam(call, 'table'), recordParam(call));
    return noContent;
  });
}

const recordParam = (call: Call): number => readInteger(textParam(call, 'record'), 'recordId');
