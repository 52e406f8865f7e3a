// The archives of persons, companies and selections.

import { tableNumbers } from '../changes/transaction-log.ts';
import { contactFullName, fullName } from '../entities/brief-entity.ts';
import type { Database } from '../store/database.ts';
import type { ContactRow, PersonRow, SelectionRow } from '../store/rows.ts';
import type { Archive } from './archive-query.ts';
import { type ColumnList, columnMap } from './archives.ts';

const always = new Set(['getallrows', 'getnorows']);

export function personArchive(database: Database): Archive<PersonRow> {
  const contact = (row: PersonRow) => database.contacts.get(row.contact_id);
  const name = (id: number) => database.associates.get(id)?.name ?? '';
  const columns: ColumnList<PersonRow> = [
    ['personId', 'int', (row) => row.person_id],
    ['firstName', 'text', (row) => row.firstname],
    ['lastName', 'text', (row) => row.lastname],
    ['middleName', 'text', (row) => row.middleName],
    ['fullName', 'text', fullName],
    ['contactId', 'int', (row) => row.contact_id],
    ['title', 'text', (row) => row.title],
    ['position', 'text', () => ''],
    ['retired', 'bool', (row) => row.retired],
    ['personUpdatedDate', 'instant', (row) => row.updated],
    ['personRegisteredDate', 'instant', (row) => row.registered],
    ['personDeletedDate', 'instant', (row) => row.deletedAt],
    ['personUpdatedBy', 'associate', (row) => row.updated_associate_id, (row) => name(row.updated_associate_id)],
    ['personAssociateId', 'associate', (row) => row.associate_id, (row) => name(row.associate_id)],
    ['personDirectPhone/formattedNumber', 'text', (row) => row.elements.OfficePhones[0]?.value ?? ''],
    ['personMobilePhone/formattedNumber', 'text', (row) => row.elements.MobilePhones[0]?.value ?? ''],
    ['personPrivate/formattedNumber', 'text', (row) => row.elements.PrivatePhones[0]?.value ?? ''],
    ['email/emailAddress', 'text', (row) => row.elements.Emails[0]?.value ?? ''],
    ['personAddress/line1', 'text', (row) => row.address.address1],
    ['personAddress/zip', 'text', (row) => row.address.zipcode],
    ['personAddress/city', 'text', (row) => row.address.city],
    ['personInfo/infoText', 'text', (row) => row.description],
    ['contact/contactId', 'int', (row) => row.contact_id],
    ['contact/name', 'text', (row) => contact(row)?.name ?? ''],
    ['contact/department', 'text', (row) => contact(row)?.department ?? ''],
  ];
  return {
    entity: 'person',
    primaryKey: (row) => row.person_id,
    columns: columnMap(columns),
    rows: () => database.persons.values(),
    switches: always,
    hiddenUnless: { switch: 'includedeleted', hidden: (row) => row.deletedAt !== 0 },
  };
}

export function contactArchive(database: Database): Archive<ContactRow> {
  const name = (id: number) => database.associates.get(id)?.name ?? '';
  const columns: ColumnList<ContactRow> = [
    ['contactId', 'int', (row) => row.contact_id],
    ['name', 'text', (row) => row.name],
    ['department', 'text', (row) => row.department],
    ['nameDepartment', 'text', contactFullName],
    ['associateId', 'associate', (row) => row.associate_id, (row) => name(row.associate_id)],
    ['orgnr', 'text', (row) => row.orgNr],
    ['number', 'text', (row) => row.number2],
    ['updatedDate', 'instant', (row) => row.updated],
    ['registeredDate', 'instant', (row) => row.registered],
    ['updatedBy', 'associate', (row) => row.updated_associate_id, (row) => name(row.updated_associate_id)],
    ['registeredBy', 'associate', (row) => row.registered_associate_id, (row) => name(row.registered_associate_id)],
    ['email/emailAddress', 'text', (row) => row.elements.Emails[0]?.value ?? ''],
    ['phone/formattedNumber', 'text', (row) => row.elements.Phones[0]?.value ?? ''],
    ['postAddress/city', 'text', (row) => row.postal.city],
    ['streetAddress/city', 'text', (row) => row.street.city],
  ];
  return {
    entity: 'contact',
    primaryKey: (row) => row.contact_id,
    columns: columnMap(columns),
    rows: () => database.contacts.values(),
    switches: always,
    hiddenUnless: { switch: 'includedeleted', hidden: (row) => row.deletedAt !== 0 },
  };
}

export function selectionArchive(database: Database): Archive<SelectionRow> {
  const columns: ColumnList<SelectionRow> = [
    ['selectionId', 'int', (row) => row.selection_id],
    ['name', 'text', (row) => row.name],
    ['kind', 'text', (row) => row.selectionType],
    ['targetTableNumber', 'int', (row) => tableNumbers[row.targetTable]],
    ['associateId', 'associate', (row) => row.associate_id],
    ['updatedDate', 'instant', (row) => row.updated],
    ['registeredDate', 'instant', (row) => row.registered],
    ['lastMembershipChange', 'instant', (row) => row.lastMembershipChange],
    ['memberCount', 'int', (row) => row.members.length],
  ];
  return {
    entity: 'selection',
    primaryKey: (row) => row.selection_id,
    columns: columnMap(columns),
    rows: () => database.selections.values(),
    switches: always,
  };
}
