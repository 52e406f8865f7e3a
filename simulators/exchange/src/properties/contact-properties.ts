// The properties of a contact, in the order of the schema. The dictionaries are trees; their entries can be written singly.
import { type ElementType, optional, required, sequence, some, text } from '../schema/schema.ts';
import { anyText, oneOf } from '../schema/simple-types.ts';
import { definitions, notInLists } from './definitions.ts';
import type { Property } from './property.ts';

const contacts = definitions('contacts');

const phoneKeys =
  'AssistantPhone BusinessFax BusinessPhone BusinessPhone2 Callback CarPhone CompanyMainPhone HomeFax HomePhone HomePhone2 Isdn MobilePhone OtherFax OtherTelephone Pager PrimaryPhone RadioPhone Telex TtyTddPhone BusinessMobile IPPhone Mms Msn';

const entries = (keys: string): ElementType =>
  sequence([some({ 't:Entry': text(anyText, { Key: required(oneOf(keys)) }) })]);

const emailEntries = sequence([
  some({
    't:Entry': text(anyText, {
      Key: required(oneOf('EmailAddress1 EmailAddress2 EmailAddress3')),
      Name: { required: false, type: anyText },
      RoutingType: { required: false, type: anyText },
      MailboxType: { required: false, type: anyText },
    }),
  }),
]);
const addressEntries = sequence([
  some({
    't:Entry': sequence(
      ['Street', 'City', 'State', 'CountryOrRegion', 'PostalCode'].map((part) =>
        optional({ [`t:${part}`]: text(anyText) }),
      ),
      { Key: required(oneOf('Home Business Other')) },
    ),
  }),
]);

export const contactProperties: readonly Property[] = [
  contacts.text('FileAs', 'Default'),
  contacts.choice(
    'FileAsMapping',
    'None LastCommaFirst FirstSpaceLast Company LastCommaFirstCompany CompanyLastFirst LastFirst LastFirstCompany CompanyLastCommaFirst LastFirstSuffix LastSpaceFirstCompany CompanyLastSpaceFirst LastSpaceFirst DisplayName FirstName LastFirstMiddleSuffix LastName Empty',
  ),
  contacts.text('DisplayName', 'Default'),
  contacts.text('GivenName', 'Default'),
  contacts.text('Initials'),
  contacts.text('MiddleName'),
  contacts.text('Nickname'),
  contacts.computed('CompleteName', 'Default'),
  contacts.text('CompanyName', 'Default'),
  contacts.tree('EmailAddresses', emailEntries, 'Default'),
  contacts.tree('PhysicalAddresses', addressEntries, 'Default'),
  contacts.tree('PhoneNumbers', entries(phoneKeys), 'Default'),
  contacts.text('AssistantName'),
  contacts.instant('Birthday'),
  contacts.text('BusinessHomePage'),
  contacts.strings('Children'),
  contacts.strings('Companies'),
  contacts.choice('ContactSource', 'ActiveDirectory Store'),
  contacts.text('Department'),
  contacts.text('Generation'),
  contacts.tree('ImAddresses', entries('ImAddress1 ImAddress2 ImAddress3'), 'Default'),
  contacts.text('JobTitle'),
  contacts.text('Manager'),
  contacts.text('Mileage'),
  contacts.text('OfficeLocation'),
  contacts.choice('PostalAddressIndex', 'None Business Home Other'),
  contacts.text('Profession'),
  contacts.text('SpouseName'),
  contacts.text('Surname'),
  contacts.instant('WeddingAnniversary'),
  contacts.computed('HasPicture'),
  notInLists(contacts.text('Notes', 'named')),
];
