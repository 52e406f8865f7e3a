// The small forms in which people and companies stand inside other entities (`Associate`, `Person`, `Contact`).
// Property names follow the payloads shipped with @superoffice/webapi, down to `Kananame`.
import type { Database } from '../store/database.ts';
import type { AddressRow, ContactRow, PersonRow } from '../store/rows.ts';

const fullRight = { Mask: 'Select, Update, Insert, Delete', Reason: '' };
const norway = 578;

export const fullName = (person: PersonRow): string =>
  [person.firstname, person.middleName, person.lastname].filter((part) => part !== '').join(' ');

export const contactFullName = (contact: ContactRow): string =>
  contact.department === '' ? contact.name : `${contact.name}, ${contact.department}`;

/** The person's name of an associate, or its login when it has no person. */
export function associateFullName(database: Database, associateId: number): string {
  const associate = database.associates.get(associateId);
  const person = associate && database.persons.get(associate.person_id);
  return person === undefined ? (associate?.name ?? '') : fullName(person);
}

export function briefAssociate(database: Database, associateId: number): unknown {
  const associate = database.associates.get(associateId);
  if (associate === undefined) return null;
  const name = associateFullName(database, associateId);
  return {
    AssociateId: associate.associate_id,
    Name: associate.name,
    PersonId: associate.person_id,
    Rank: 0,
    Tooltip: '',
    Type: associate.type,
    GroupIdx: associate.group_idx,
    FullName: name,
    FormalName: name,
    Deleted: associate.deleted,
    EjUserId: 0,
    UserName: associate.userName,
    TableRight: { Mask: 'Select, Update, Delete', Reason: '' },
    FieldProperties: {},
  };
}

export function briefPerson(database: Database, personId: number): unknown {
  const person = database.persons.get(personId);
  if (person === undefined) return null;
  const contact = database.contacts.get(person.contact_id);
  const associate = database.associates.get(person.user_associate_id);
  const name = fullName(person);
  return {
    Position: '',
    PersonId: person.person_id,
    Mrmrs: person.mrmrs,
    Firstname: person.firstname,
    Lastname: person.lastname,
    MiddleName: person.middleName,
    Title: person.title,
    Description: person.description,
    Email: person.elements.Emails[0]?.value ?? '',
    FullName: name,
    DirectPhone: person.elements.OfficePhones[0]?.value ?? '',
    FormalName: person.mrmrs === '' ? name : `${person.mrmrs} ${name}`,
    CountryId: person.country_id,
    ContactId: person.contact_id,
    ContactName: contact?.name ?? '',
    Retired: person.retired ? 1 : 0,
    Rank: 1,
    ActiveInterests: 0,
    ContactDepartment: contact?.department ?? '',
    ContactCountryId: contact?.country_id ?? norway,
    ContactOrgNr: contact?.orgNr ?? '',
    FaxPhone: person.elements.Faxes[0]?.value ?? '',
    MobilePhone: person.elements.MobilePhones[0]?.value ?? '',
    ContactPhone: contact?.elements.Phones[0]?.value ?? '',
    AssociateName: associate?.name ?? '',
    AssociateId: associate?.associate_id ?? 0,
    UsePersonAddress: person.usePersonAddress,
    ContactFax: contact?.elements.Faxes[0]?.value ?? '',
    Kanafname: '',
    Kanalname: '',
    Post1: '',
    Post2: '',
    Post3: '',
    EmailName: '',
    ContactFullName: contact === undefined ? '' : contactFullName(contact),
    ActiveErpLinks: 0,
    TicketPriorityId: 0,
    SupportLanguageId: 0,
    SupportAssociateId: 0,
    CategoryName: '',
    TableRight: fullRight,
    FieldProperties: {},
  };
}

export function briefContact(database: Database, contactId: number): unknown {
  const contact = database.contacts.get(contactId);
  if (contact === undefined) return null;
  return {
    ContactId: contact.contact_id,
    Name: contact.name,
    OrgNr: contact.orgNr,
    Department: contact.department,
    URL: contact.elements.Urls[0]?.value ?? '',
    City: contact.postal.city,
    DirectPhone: contact.elements.Phones[0]?.value ?? '',
    AssociateId: contact.associate_id,
    CountryId: contact.country_id,
    EmailAddress: contact.elements.Emails[0]?.value ?? '',
    Kananame: '',
    EmailAddressName: null,
    URLName: null,
    AssociateFullName: associateFullName(database, contact.associate_id),
    BusinessName: '',
    CategoryName: '',
    CountryName: contact.country_id === norway ? 'Norway' : '',
    Address: contactAddress(contact),
    FormattedAddress: formatted(contact.street) + formatted(contact.postal),
    FullName: contactFullName(contact),
    IsOwnerContact: false,
    ActiveErpLinks: 0,
    Number1: contact.number1,
    Number2: contact.number2,
    TableRight: fullRight,
    FieldProperties: {},
  };
}

export function contactAddress(contact: ContactRow): unknown {
  return {
    Wgs84Latitude: 0,
    Wgs84Longitude: 0,
    LocalizedAddress: [
      ...localized(contact.street, 'Street', 'ContactStreetAddress'),
      ...localized(contact.postal, 'Postal', 'ContactPostalAddress'),
    ],
    Street: plainAddress(contact.street, 'ContactStreetAddress'),
    Postal: plainAddress(contact.postal, 'ContactPostalAddress'),
    Formatted: formatted(contact.street) + formatted(contact.postal),
    TableRight: null,
    FieldProperties: {},
  };
}

export function personAddress(person: PersonRow): unknown {
  return {
    Wgs84Latitude: 0,
    Wgs84Longitude: 0,
    LocalizedAddress: localized(person.address, '', 'PersonPrivateAddress'),
    Street: plainAddress(person.address, 'PersonPrivateAddress'),
    Postal: null,
    Formatted: formatted(person.address),
    TableRight: fullRight,
    FieldProperties: {},
  };
}

const plainAddress = (address: AddressRow, kind: string): unknown => ({
  AtypeIdx: kind,
  Address1: address.address1,
  Address2: address.address2,
  Address3: address.address3,
  City: address.city,
  County: address.county,
  State: address.state,
  Zipcode: address.zipcode,
  Formatted: formatted(address),
});

function localized(address: AddressRow, prefix: string, kind: string): readonly unknown[] {
  const field = (name: string, value: string, label: string, length: number) => ({
    Name: prefix + name,
    Value: value,
    Tooltip: '',
    Label: label,
    ValueLength: length,
    AddressType: kind,
    TableRight: null,
    FieldProperties: {},
  });
  return [
    [field('Address1', address.address1, 'SR_AL_STREET', 80)],
    [field('Zipcode', address.zipcode, 'SR_AL_POSTCODECITY', 9), field('City', address.city, '', 30)],
  ];
}

function formatted(address: AddressRow): string {
  const place = [address.zipcode, address.city].filter((part) => part !== '').join(' ');
  const lines = [address.address1, address.address2, address.address3, place].filter((line) => line !== '');
  return lines.map((line) => `${line}\n`).join('');
}
