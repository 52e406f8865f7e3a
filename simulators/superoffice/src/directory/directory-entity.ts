// PersonEntity and ContactEntity on the wire, with all properties of the payloads that @superoffice/webapi ships, and
// back: what a client sent over what it saw.
import { isDeepStrictEqual } from 'node:util';
import {
  briefAssociate,
  briefContact,
  briefPerson,
  contactAddress,
  fullName,
  personAddress,
} from '../entities/brief-entity.ts';
import { invalidRequest } from '../input/error.ts';
import {
  isObject,
  type Json,
  PropertyNames,
  readBoolean,
  readInteger,
  readObject,
  readText,
} from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AddressRow, ContactElements, ContactRow, ElementRow, PersonElements, PersonRow } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';

const noRight = { TableRight: null, FieldProperties: {} };
const fullRight = { Mask: 'Select, Update, Insert, Delete', Reason: '' };
const listItem = { Id: 0, Value: '', Tooltip: '', ...noRight };

export const directoryNames = new PropertyNames(
  `PersonId Firstname MiddleName Lastname Mrmrs Title UpdatedDate CreatedDate BirthDate CreatedBy Emails Description
  IsAssociate PrivatePhones Faxes MobilePhones OfficePhones OtherPhones Position UpdatedBy Contact ContactId Country
  CountryId Interests PersonNumber FullName NoMailing UsePersonAddress Retired Urls FormalName Address Street Postal
  Address1 Address2 Address3 City County State Zipcode Associate AssociateId Salutation ChatEmails InternetPhones Value
  Name Department OrgNr Number1 Number2 Phones Persons CustomFields UserDefinedFields ExtraFields`.split(/\s+/),
);

const personKinds = [
  'Emails',
  'OfficePhones',
  'MobilePhones',
  'PrivatePhones',
  'Faxes',
  'OtherPhones',
  'ChatEmails',
  'InternetPhones',
  'Urls',
] as const;
const contactKinds = ['Emails', 'Phones', 'Faxes', 'Urls'] as const;

export function personEntity(row: PersonRow, database: Database, dates: Dates): Json {
  const name = fullName(row);
  return {
    PersonId: row.person_id,
    Firstname: row.firstname,
    MiddleName: row.middleName,
    Lastname: row.lastname,
    Mrmrs: row.mrmrs,
    Title: row.title,
    UpdatedDate: dates.instant(row.updated),
    CreatedDate: dates.instant(row.registered),
    BirthDate: dates.day(row.birthDate),
    CreatedBy: briefAssociate(database, row.registered_associate_id),
    ...elements(row.elements, personKinds),
    Description: row.description,
    IsAssociate: row.user_associate_id !== 0,
    Position: listItem,
    UpdatedBy: briefAssociate(database, row.updated_associate_id),
    Contact: briefContact(database, row.contact_id),
    Country: country(row.country_id),
    Interests: [],
    PersonNumber: row.number,
    FullName: name,
    NoMailing: row.noMailing,
    UsePersonAddress: row.usePersonAddress,
    Retired: row.retired,
    FormalName: row.mrmrs === '' ? name : `${row.mrmrs} ${name}`,
    Address: personAddress(row),
    Post3: '',
    Post2: '',
    Post1: '',
    Kanalname: '',
    Kanafname: '',
    CorrespondingAssociate: briefAssociate(database, row.user_associate_id),
    Category: listItem,
    Business: listItem,
    Associate: briefAssociate(database, row.associate_id),
    Salutation: row.salutation,
    ActiveInterests: 0,
    SupportAssociate: null,
    TicketPriority: null,
    CustomerLanguage: null,
    ...replication(dates),
    SentInfo: 0,
    ShowContactTickets: 0,
    UserInfo: null,
    Source: 0,
    ActiveErpLinks: 0,
    ShipmentTypes: [],
    Consents: [],
    BounceEmails: [],
    ActiveStatusMonitorId: 0,
    ...customFields(database.personCustomFields.get(row.person_id)),
    TableRight: fullRight,
    FieldProperties: {},
  };
}

export function contactEntity(row: ContactRow, database: Database, dates: Dates): Json {
  const persons = [...database.persons.values()].filter(
    (person) => person.contact_id === row.contact_id && person.deletedAt === 0 && row.contact_id !== 0,
  );
  return {
    ContactId: row.contact_id,
    Name: row.name,
    Department: row.department,
    OrgNr: row.orgNr,
    Number1: row.number1,
    Number2: row.number2,
    UpdatedDate: dates.instant(row.updated),
    CreatedDate: dates.instant(row.registered),
    ...elements(row.elements, contactKinds),
    Interests: [],
    Description: '',
    UpdatedBy: briefAssociate(database, row.updated_associate_id),
    CreatedBy: briefAssociate(database, row.registered_associate_id),
    Associate: briefAssociate(database, row.associate_id),
    Business: listItem,
    Category: listItem,
    Country: country(row.country_id),
    Persons: persons.map((person) => briefPerson(database, person.person_id)),
    NoMailing: false,
    Kananame: '',
    Xstop: false,
    ActiveInterests: 0,
    GroupId: database.associates.get(row.associate_id)?.group_idx ?? 0,
    ActiveStatusMonitorId: 0,
    SupportAssociate: null,
    TicketPriority: listItem,
    CustomerLanguage: listItem,
    Deleted: row.deletedAt === 0 ? 0 : 1,
    ...replication(dates),
    SupportPerson: null,
    Address: contactAddress(row),
    Source: 0,
    ActiveErpLinks: 0,
    BounceEmails: [],
    Domains: [],
    ...customFields(database.contactCustomFields.get(row.contact_id)),
    TableRight: fullRight,
    FieldProperties: {},
  };
}

/** @returns the row that the client wants. @throws 400 */
export function readPerson(before: Json, after: Json, row: PersonRow, dates: Dates): PersonRow {
  const has = changedIn(before, after);
  const text = (name: string, now: string) => (has(name) ? readText(after[name], name, 254) : now);
  const flag = (name: string, now: boolean) => (has(name) ? readBoolean(after[name], name) : now);
  return {
    ...row,
    contact_id: has('Contact') ? referenceIn(after, 'Contact', 'ContactId') : row.contact_id,
    associate_id: has('Associate') ? referenceIn(after, 'Associate', 'AssociateId') : row.associate_id,
    country_id: has('Country') ? referenceIn(after, 'Country', 'CountryId') : row.country_id,
    firstname: text('Firstname', row.firstname),
    middleName: text('MiddleName', row.middleName),
    lastname: text('Lastname', row.lastname),
    mrmrs: text('Mrmrs', row.mrmrs),
    title: text('Title', row.title),
    salutation: text('Salutation', row.salutation),
    description: has('Description') ? readText(after['Description'], 'Description', 100_000) : row.description,
    birthDate: has('BirthDate') ? dates.parseDay(after['BirthDate'], 'BirthDate') : row.birthDate,
    retired: flag('Retired', row.retired),
    noMailing: flag('NoMailing', row.noMailing),
    usePersonAddress: flag('UsePersonAddress', row.usePersonAddress),
    address: has('Address') ? readAddress(after, 'Street', row.address) : row.address,
    elements: readElements<PersonElements>(after, row.elements, personKinds, has),
  };
}

/** @returns the row that the client wants. @throws 400 */
export function readContact(before: Json, after: Json, row: ContactRow): ContactRow {
  const has = changedIn(before, after);
  const text = (name: string, now: string) => (has(name) ? readText(after[name], name, 219) : now);
  return {
    ...row,
    name: text('Name', row.name),
    department: text('Department', row.department),
    orgNr: text('OrgNr', row.orgNr),
    number1: text('Number1', row.number1),
    number2: text('Number2', row.number2),
    associate_id: has('Associate') ? referenceIn(after, 'Associate', 'AssociateId') : row.associate_id,
    country_id: has('Country') ? referenceIn(after, 'Country', 'CountryId') : row.country_id,
    street: has('Address') ? readAddress(after, 'Street', row.street) : row.street,
    postal: has('Address') ? readAddress(after, 'Postal', row.postal) : row.postal,
    elements: readElements<ContactElements>(after, row.elements, contactKinds, has),
  };
}

/** The user-defined fields that the client changed, or undefined. */
export function readCustomFields(before: Json, after: Json): Readonly<Record<string, string>> | undefined {
  if (!changedIn(before, after)('CustomFields') || !isObject(after['CustomFields'])) return undefined;
  const own = Object.entries(after['CustomFields']).filter(
    ([name]) => !/:(org|DisplayText|DisplayTooltip)$/.test(name),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, readText(value, `CustomFields.${name}`, 4000)]));
}

const changedIn =
  (before: Json, after: Json) =>
  (name: string): boolean =>
    !isDeepStrictEqual(before[name] ?? null, after[name] ?? null);

function referenceIn(entity: Json, name: string, idName: string): number {
  const value = entity[name];
  return value === null || value === undefined ? 0 : readInteger(readObject(value, name)[idName], `${name}.${idName}`);
}

function elements(source: object, kinds: readonly string[]): Json {
  const lists = new Map<string, readonly ElementRow[]>(Object.entries(source));
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      (lists.get(kind) ?? []).map(({ value, description }) => ({
        Value: value,
        StrippedValue: /phone|fax/i.test(kind) ? value.replace(/[^\d+]/g, '') : value,
        Description: description,
        ...noRight,
      })),
    ]),
  );
}

function readElements<T extends object>(
  entity: Json,
  now: T,
  kinds: readonly string[],
  has: (name: string) => boolean,
): T {
  const changed = kinds.filter(has).map((kind) => [kind, readElementList(entity[kind], kind)]);
  return { ...now, ...Object.fromEntries(changed) };
}

function readElementList(value: unknown, kind: string): readonly ElementRow[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw invalidRequest(`The value of '${kind}' is not an array.`);
  return value.map((item) => {
    const element = readObject(item, kind);
    return { value: readText(element['Value'], kind, 254), description: readText(element['Description'], kind, 254) };
  });
}

function readAddress(entity: Json, part: 'Street' | 'Postal', now: AddressRow): AddressRow {
  const address = entity['Address'];
  if (!isObject(address)) return now;
  const fields = address[part];
  if (!isObject(fields)) return now;
  const text = (name: string) => readText(fields[name], `Address.${part}.${name}`, 254);
  return {
    address1: text('Address1'),
    address2: text('Address2'),
    address3: text('Address3'),
    city: text('City'),
    county: text('County'),
    state: text('State'),
    zipcode: text('Zipcode'),
  };
}

const customFields = (stored: Readonly<Record<string, string>> = {}): Json => {
  const own = { 'SuperOffice:1': '', ...stored };
  const echoes = Object.fromEntries(Object.entries(own).map(([name, value]) => [`${name}:org`, value]));
  return { UserDefinedFields: own, ExtraFields: {}, CustomFields: { ...own, ...echoes } };
};

const replication = (dates: Dates): Json => ({
  DbiAgentId: 0,
  DbiKey: '',
  DbiLastModified: dates.instant(0),
  DbiLastSyncronized: dates.instant(0),
});

const country = (id: number): Json => ({
  CountryId: id,
  Name: id === 578 ? 'Norway' : '',
  CurrencyId: 0,
  EnglishName: id === 578 ? 'Norway' : '',
  TwoLetterISOCountry: id === 578 ? 'NO' : '',
  ThreeLetterISOCountry: id === 578 ? 'NOR' : '',
  ImageDescription: null,
  OrgNrText: '',
  InterAreaPrefix: '',
  DialInPrefix: id === 578 ? '47' : '',
  ZipPrefix: '',
  DomainName: id === 578 ? 'NO' : '',
  AddressLayoutId: 1,
  DomesticAddressLayoutId: 1,
  ForeignAddressLayoutId: 1,
  Rank: 0,
  Tooltip: '',
  Deleted: false,
  ...noRight,
});
