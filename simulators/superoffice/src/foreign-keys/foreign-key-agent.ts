// The ForeignSystem agent: the same foreign keys as /ForeignApp, with null instead of 404.
import { type AddRoute, type Answer, type Call, ok } from '../http/call.ts';
import { type Json, PropertyNames, readInteger, readObject, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { ForeignDeviceRow, ForeignKeyRow } from '../store/rows.ts';
import { type DevicePath, type ForeignKeys, foreignKeyEntity, foreignKeyPath } from './foreign-keys.ts';

const names = new PropertyNames(
  `ApplicationName DeviceName DeviceIdentifier KeyName KeyValue TableName RecordId ForeignKey ForeignDevice EntityType
  EntityId Name Key Value`.split(/\s+/),
);

export function addForeignKeyAgent(add: AddRoute, keys: ForeignKeys, database: Database): void {
  const operation = (name: string, run: (argument: Json, call: Call) => Answer) =>
    add('POST', `/Agents/ForeignSystem/${name}`, (call) =>
      run(readObject(names.read(call.body), 'The argument'), call),
    );
  const device = (row: ForeignDeviceRow | undefined, call: Call) =>
    ok(row === undefined ? null : keys.deviceEntity(row, call.dates));
  const key = (row: ForeignKeyRow | undefined, call: Call) =>
    ok(row === undefined ? null : foreignKeyEntity(row, database, call.dates));
  const byRecord = (argument: Json): ForeignKeyRow | undefined => {
    const path = pathOf(argument);
    if (keys.findDevice(path) === undefined) return undefined;
    const record = readInteger(argument['RecordId'], 'RecordId');
    return keys.find(path, text(argument, 'KeyName'), text(argument, 'TableName'), record);
  };
  const byValue = (argument: Json): ForeignKeyRow | undefined => {
    const path = pathOf(argument);
    if (keys.findDevice(path) === undefined) return undefined;
    return keys.findByValue(path, text(argument, 'KeyName'), text(argument, 'TableName'), text(argument, 'KeyValue'));
  };

  operation('GetAppByName', (argument, call) => {
    const app = keys.findApp(text(argument, 'ApplicationName'));
    return ok(app === undefined ? null : keys.appEntity(app, call.dates));
  });
  operation('SaveForeignAppEntity', (argument, call) =>
    ok(keys.appEntity(keys.ensureApp(text(argument, 'Name')), call.dates)),
  );
  operation('GetApplicationDevices', (argument, call) => {
    const app = keys.findApp(text(argument, 'ApplicationName'));
    return ok(app === undefined ? [] : keys.devices(app).map((row) => keys.deviceEntity(row, call.dates)));
  });
  for (const name of ['GetDeviceByName', 'GetDeviceByIdentifier']) {
    operation(name, (argument, call) => device(keys.findDevice(pathOf(argument)), call));
  }
  for (const name of ['AddDeviceByIdentifier', 'SaveDeviceByIdentifier']) {
    operation(name, (argument, call) => device(keys.ensureDevice(pathOf(argument)), call));
  }
  operation('DeleteDeviceByIdentifier', (argument) => {
    const found = keys.findDevice(pathOf(argument));
    if (found !== undefined) keys.deleteDevice(found);
    return ok(null);
  });
  for (const name of ['GetKey', 'GetKeyOnDeviceIdentifier']) {
    operation(name, (argument, call) => key(byRecord(argument), call));
  }
  for (const name of ['GetKeyValue', 'GetKeyValueOnDeviceIdentifier']) {
    operation(name, (argument) => ok(byRecord(argument)?.value ?? null));
  }
  for (const name of ['GetKeyByValue', 'GetKeyByValueAndIdentifier']) {
    operation(name, (argument, call) => key(byValue(argument), call));
  }
  operation('AddForeignKey', (argument, call) =>
    key(keys.save(pathOf(argument), argument['ForeignKey'], false, call.actor), call),
  );
  operation('SaveForeignKey', (argument, call) =>
    key(keys.save(pathOf(argument), argument['ForeignKey'], true, call.actor), call),
  );
  operation('DeleteForeignKeyOnName', (argument) => {
    const record = readInteger(argument['RecordId'], 'RecordId');
    keys.delete(pathOf(argument), text(argument, 'KeyName'), text(argument, 'TableName'), record);
    return ok(null);
  });
  operation('GetAllForeignKeysOnEntity', (argument) => {
    const rows = keys.ofRecord(
      text(argument, 'EntityType').toLowerCase(),
      readInteger(argument['EntityId'], 'EntityId'),
    );
    return ok(Object.fromEntries(rows.map((row) => [foreignKeyPath(row, database), row.value])));
  });
}

const text = (argument: Json, name: string): string => readText(argument[name], name, 10_000);

const pathOf = (argument: Json): DevicePath => ({
  app: text(argument, 'ApplicationName'),
  device: text(argument, 'DeviceName'),
  identifier: text(argument, 'DeviceIdentifier') || undefined,
});
