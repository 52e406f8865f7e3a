// Who may use the settings API. Only the SHA-256 of the administrator token is stored.
import { Type } from 'typebox';
import { recordVersion } from '../shape.ts';
import { storedRecord } from '../stored-record.ts';

export const AdministratorRecord = Type.Object({
  v: recordVersion,
  tokenSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

export const administratorRecord = storedRecord({
  name: 'administrator record',
  version: 1,
  schema: AdministratorRecord,
});
