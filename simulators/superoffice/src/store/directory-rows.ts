// The rows of users, persons and companies. In this product's words a contact is a company and a person works there.

export interface AssociateRow {
  readonly associate_id: number;
  readonly name: string;
  readonly person_id: number;
  readonly group_idx: number;
  readonly type: AssociateType;
  readonly deleted: boolean;
  readonly userName: string;
  readonly password: string;
  readonly timeZone: string;
  readonly registered: number;
  readonly updated: number;
}

export type AssociateType = 'InternalAssociate' | 'ResourceAssociate' | 'SystemAssociate';

export interface ElementRow {
  readonly value: string;
  readonly description: string;
}

export interface AddressRow {
  readonly address1: string;
  readonly address2: string;
  readonly address3: string;
  readonly city: string;
  readonly county: string;
  readonly state: string;
  readonly zipcode: string;
}

export interface Stamped {
  readonly registered: number;
  readonly registered_associate_id: number;
  readonly updated: number;
  readonly updated_associate_id: number;
  readonly updatedCount: number;
  /** When it was soft-deleted (ms); 0 = it is there. Purged 14 days later. */
  readonly deletedAt: number;
}

export interface PersonRow extends Stamped {
  readonly person_id: number;
  readonly contact_id: number;
  /** The owner; usually none, the company's owner counts. */
  readonly associate_id: number;
  /** The user that this person is, or 0. */
  readonly user_associate_id: number;
  readonly firstname: string;
  readonly middleName: string;
  readonly lastname: string;
  readonly mrmrs: string;
  readonly title: string;
  readonly salutation: string;
  readonly description: string;
  readonly birthDate: string;
  readonly retired: boolean;
  readonly noMailing: boolean;
  readonly usePersonAddress: boolean;
  readonly number: string;
  readonly country_id: number;
  readonly address: AddressRow;
  readonly elements: PersonElements;
}

/** E-mail, phone and web addresses: side tables, so a change here raises no event and moves no time stamp. */
export interface PersonElements {
  readonly Emails: readonly ElementRow[];
  readonly OfficePhones: readonly ElementRow[];
  readonly MobilePhones: readonly ElementRow[];
  readonly PrivatePhones: readonly ElementRow[];
  readonly Faxes: readonly ElementRow[];
  readonly OtherPhones: readonly ElementRow[];
  readonly ChatEmails: readonly ElementRow[];
  readonly InternetPhones: readonly ElementRow[];
  readonly Urls: readonly ElementRow[];
}

export interface ContactRow extends Stamped {
  readonly contact_id: number;
  readonly associate_id: number;
  readonly name: string;
  readonly department: string;
  readonly orgNr: string;
  readonly country_id: number;
  readonly number1: string;
  readonly number2: string;
  readonly street: AddressRow;
  readonly postal: AddressRow;
  readonly elements: ContactElements;
}

export interface ContactElements {
  readonly Emails: readonly ElementRow[];
  readonly Phones: readonly ElementRow[];
  readonly Faxes: readonly ElementRow[];
  readonly Urls: readonly ElementRow[];
}
