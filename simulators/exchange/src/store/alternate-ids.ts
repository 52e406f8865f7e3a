// The other spellings of an id (ConvertId): what MAPI, Outlook on the web and Exchange 2007 call the same object. All of them
// carry what the id carries; only the spelling differs.
import { type ObjectId, readId, writeId } from './ids.ts';

export type IdFormat = 'EwsLegacyId' | 'EwsId' | 'EntryId' | 'HexEntryId' | 'StoreId' | 'OwaId';

const entryHead = Buffer.from([0, 0, 0, 0]);
const storeHead = Buffer.from([0x2b, 0, 0, 0]);
const legacyHead = Buffer.from([0, 1, 0x20, 0]);

/** Undefined when the text is not an id in that format. */
export function readAlternateId(format: IdFormat, text: string): ObjectId | undefined {
  switch (format) {
    case 'EwsId':
      return readId(text);
    case 'OwaId':
      return readId(safely(text));
    case 'HexEntryId':
      return /^([0-9A-Fa-f]{2})+$/.test(text) ? fromBytes(Buffer.from(text, 'hex'), entryHead) : undefined;
    case 'EntryId':
      return fromBytes(Buffer.from(text, 'base64'), entryHead);
    case 'StoreId':
      return fromBytes(Buffer.from(text, 'base64'), storeHead);
    case 'EwsLegacyId':
      return fromBytes(Buffer.from(text, 'base64'), legacyHead);
  }
}

export function writeAlternateId(format: IdFormat, id: ObjectId): string {
  const ews = writeId(id.mailboxGuid, id.kind, id.serial, id.occurrence);
  const bytes = (head: Buffer): Buffer => Buffer.concat([head, Buffer.from(ews, 'base64').subarray(4)]);
  switch (format) {
    case 'EwsId':
      return ews;
    case 'OwaId':
      return encodeURIComponent(ews);
    case 'HexEntryId':
      return bytes(entryHead).toString('hex').toUpperCase();
    case 'EntryId':
      return bytes(entryHead).toString('base64');
    case 'StoreId':
      return bytes(storeHead).toString('base64');
    case 'EwsLegacyId':
      return bytes(legacyHead).toString('base64');
  }
}

const ewsHead = Buffer.from([0x00, 0x03, 0x24, 0x00]);

function fromBytes(bytes: Buffer, head: Buffer): ObjectId | undefined {
  if (!bytes.subarray(0, head.length).equals(head)) return undefined;
  return readId(Buffer.concat([ewsHead, bytes.subarray(head.length)]).toString('base64'));
}

function safely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // no such id
  }
}
