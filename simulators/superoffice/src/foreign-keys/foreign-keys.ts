// Foreign keys: values that other systems hang on rows, below an application and a device. They are not unique, they
// raise no event and move no time stamp, and they vanish with their row.
import { associateFullName, briefAssociate } from '../entities/brief-entity.ts';
import { badArgument, SoError } from '../input/error.ts';
import { type Json, PropertyNames, readInteger, readObject, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow, ForeignAppRow, ForeignDeviceRow, ForeignKeyRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { Dates } from '../time/dates.ts';

const names = new PropertyNames(['Key', 'Value', 'RecordId', 'TableName', 'Name', 'DeviceIdentifier']);

/** Which device a call means; without an identifier the first one of that name. */
export interface DevicePath {
  readonly app: string;
  readonly device: string;
  readonly identifier: string | undefined;
}

export class ForeignKeys {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  findApp(name: string): ForeignAppRow | undefined {
    return find(this.#database.foreignApps.values(), (app) => same(app.name, name));
  }

  /** @throws 404 */
  app(name: string): ForeignAppRow {
    return this.findApp(name) ?? missing('ForeignApp', name);
  }

  ensureApp(name: string): ForeignAppRow {
    if (name === '') throw badArgument('A ForeignApp must have a Name');
    const found = this.findApp(name);
    if (found !== undefined) return found;
    const app: ForeignAppRow = { id: this.#database.foreignApps.takeId(), name };
    this.#database.foreignApps.set(app.id, app);
    return app;
  }

  devices(app: ForeignAppRow): readonly ForeignDeviceRow[] {
    return [...this.#database.foreignDevices.values()].filter((device) => device.appId === app.id);
  }

  findDevice(path: DevicePath): ForeignDeviceRow | undefined {
    const app = this.findApp(path.app);
    const named = app === undefined ? [] : this.devices(app).filter((device) => same(device.name, path.device));
    return named.find((device) => path.identifier === undefined || device.identifier === path.identifier);
  }

  /** @throws 404 */
  device(path: DevicePath): ForeignDeviceRow {
    return this.findDevice(path) ?? missing('ForeignDevice', path.device);
  }

  ensureDevice(path: DevicePath): ForeignDeviceRow {
    const found = this.findDevice(path);
    if (found !== undefined) return found;
    const app = this.app(path.app);
    const id = this.#database.foreignDevices.takeId();
    const device = { id, appId: app.id, name: path.device, identifier: path.identifier ?? '' };
    this.#database.foreignDevices.set(id, device);
    return device;
  }

  deleteDevice(device: ForeignDeviceRow): void {
    for (const key of this.#database.foreignKeys.ofDevice(device.id)) this.#database.foreignKeys.delete(key.id);
    this.#database.foreignDevices.delete(device.id);
  }

  deleteApp(app: ForeignAppRow): void {
    for (const device of this.devices(app)) this.deleteDevice(device);
    this.#database.foreignApps.delete(app.id);
  }

  /** Adds a key, or with `replace` first looks for the one of that name on that record. */
  save(path: DevicePath, entity: unknown, replace: boolean, actor: AssociateRow): ForeignKeyRow {
    const device = this.device(path);
    const json = readObject(names.read(entity), 'ForeignKey');
    const key = readText(json['Key'], 'Key', 254);
    if (key === '') throw badArgument('A ForeignKey must have a Key');
    const value = readText(json['Value'], 'Value', 100_000);
    const tableName = readText(json['TableName'], 'TableName', 100).toLowerCase();
    const recordId = readInteger(json['RecordId'], 'RecordId');
    if (tableName === '' && recordId !== 0) throw badArgument('A ForeignKey without TableName must have RecordId 0');
    const nowMs = this.#clock.nowSecondMs();
    const old = replace ? this.find(path, key, tableName, recordId) : undefined;
    const row: ForeignKeyRow =
      old === undefined
        ? {
            id: this.#database.foreignKeys.takeId(),
            deviceId: device.id,
            key,
            value,
            tableName,
            recordId,
            registered: nowMs,
            registered_associate_id: actor.associate_id,
            updated: 0,
            updated_associate_id: 0,
          }
        : { ...old, value, updated: nowMs, updated_associate_id: actor.associate_id };
    this.#database.foreignKeys.set(row.id, row);
    return row;
  }

  find(path: DevicePath, key: string, tableName: string, recordId: number): ForeignKeyRow | undefined {
    const device = this.device(path);
    const rows = this.ofRecord(tableName.toLowerCase(), recordId);
    return rows.find((row) => row.deviceId === device.id && same(row.key, key));
  }

  /** The oldest key with this value; there may be more. */
  findByValue(path: DevicePath, key: string, tableName: string, value: string): ForeignKeyRow | undefined {
    const table = tableName.toLowerCase();
    const rows = this.#database.foreignKeys.ofValue(this.device(path).id, value);
    return rows.find((row) => same(row.key, key) && (table === '' || row.tableName === table));
  }

  /** Record 0 means every record of the table, a blank table every table: as dangerous as in the product. */
  delete(path: DevicePath, key: string, tableName: string, recordId: number): void {
    const table = tableName.toLowerCase();
    for (const row of this.#database.foreignKeys.ofDevice(this.device(path).id)) {
      const named = same(row.key, key) && (table === '' || row.tableName === table);
      if (named && (recordId === 0 || row.recordId === recordId)) this.#database.foreignKeys.delete(row.id);
    }
  }

  ofRecord(tableName: string, recordId: number): readonly ForeignKeyRow[] {
    return this.#database.foreignKeys.ofRecord(tableName, recordId);
  }

  appEntity(app: ForeignAppRow, dates: Dates): Json {
    return {
      ForeignAppId: app.id,
      Name: app.name,
      CreatedDate: dates.instant(0),
      UpdatedDate: dates.instant(0),
      CreatedBy: briefAssociate(this.#database, 0),
      UpdatedBy: briefAssociate(this.#database, 0),
      Devices: this.devices(app).map((device) => this.deviceEntity(device, dates)),
      TableRight: null,
      FieldProperties: {},
    };
  }

  deviceEntity(device: ForeignDeviceRow, dates: Dates): Json {
    return {
      ForeignDeviceId: device.id,
      Name: device.name,
      CreatedDate: dates.instant(0),
      UpdatedDate: dates.instant(0),
      AssociateFullName: '',
      CreatedBy: '',
      UpdatedBy: '',
      DeviceIdentifier: device.identifier,
      ForeignAppId: device.appId,
      TableRight: null,
      FieldProperties: {},
    };
  }
}

export function foreignKeyEntity(key: ForeignKeyRow, database: Database, dates: Dates): Json {
  return {
    Key: key.key,
    Value: key.value,
    RecordId: key.recordId,
    CreatedDate: dates.instant(key.registered),
    UpdatedDate: dates.instant(key.updated),
    UpdatedBy: associateFullName(database, key.updated_associate_id),
    CreatedBy: associateFullName(database, key.registered_associate_id),
    TableName: key.tableName,
    TableRight: null,
    FieldProperties: {},
  };
}

/** `app.device.key`, the name of the extra field under `?fk=true`. */
export function foreignKeyPath(key: ForeignKeyRow, database: Database): string {
  const device = database.foreignDevices.get(key.deviceId);
  const app = device && database.foreignApps.get(device.appId);
  return `${app?.name ?? ''}.${device?.name ?? ''}.${key.key}`;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function find<T>(values: Iterable<T>, wanted: (value: T) => boolean): T | undefined {
  for (const value of values) if (wanted(value)) return value;
  return undefined;
}

function missing(what: string, name: string): never {
  throw new SoError(404, 'SoNotFoundException', `${what} '${name}' not found`);
}
