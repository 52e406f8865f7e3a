// Makes users: an associate, its person and the company that all users belong to, as the administrator's client does.

import type { Database } from '../store/database.ts';
import type { AddressRow, AssociateRow, AssociateType, ContactRow, PersonElements, PersonRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';

export interface NewUser {
  readonly login: string;
  readonly password: string;
  readonly email: string;
  readonly fullName: string;
  readonly timeZone?: string;
  readonly type?: AssociateType;
}

const norway = 578;
const ownCompany = 'Lockstep Test AS';
const defaultGroup = 2;

export class People {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Adds the user, or updates the one with that login. */
  addUser(user: NewUser): AssociateRow {
    const known = this.findByLogin(user.login);
    const associateId = known?.associate_id ?? this.#database.associates.takeId();
    const person = this.#person(user, known?.person_id, associateId);
    const associate: AssociateRow = {
      associate_id: associateId,
      name: user.login,
      person_id: person.person_id,
      group_idx: defaultGroup,
      type: user.type ?? 'InternalAssociate',
      deleted: false,
      userName: user.email,
      password: user.password,
      timeZone: user.timeZone ?? 'Europe/Oslo',
      registered: known?.registered ?? this.#clock.nowSecondMs(),
      updated: known === undefined ? 0 : this.#clock.nowSecondMs(),
    };
    this.#database.associates.set(associateId, associate);
    return associate;
  }

  /** By login or e-mail address, in any case. */
  findByLogin(login: string): AssociateRow | undefined {
    return this.#database.associates.withLogin(login);
  }

  #person(user: NewUser, knownId: number | undefined, associateId: number): PersonRow {
    const contact = this.#ownCompany(associateId);
    const id = knownId ?? this.#database.persons.takeId();
    const [firstname = '', ...rest] = user.fullName.split(' ');
    const person: PersonRow = {
      ...emptyPerson,
      person_id: id,
      contact_id: contact.contact_id,
      user_associate_id: associateId,
      firstname,
      lastname: rest.join(' '),
      number: String(10_000 + id),
      registered: this.#clock.nowSecondMs(),
      registered_associate_id: associateId,
      elements: { ...emptyPerson.elements, Emails: [{ value: user.email, description: '' }] },
    };
    this.#database.persons.set(id, person);
    return person;
  }

  #ownCompany(associateId: number): ContactRow {
    for (const contact of this.#database.contacts.values()) if (contact.name === ownCompany) return contact;
    const id = this.#database.contacts.takeId();
    const contact: ContactRow = {
      ...emptyContact,
      contact_id: id,
      associate_id: associateId,
      name: ownCompany,
      number2: String(10_000 + id),
      registered: this.#clock.nowSecondMs(),
      registered_associate_id: associateId,
    };
    this.#database.contacts.set(id, contact);
    return contact;
  }
}

const emptyAddress: AddressRow = {
  address1: '',
  address2: '',
  address3: '',
  city: '',
  county: '',
  state: '',
  zipcode: '',
};

const emptyElements: PersonElements = {
  Emails: [],
  OfficePhones: [],
  MobilePhones: [],
  PrivatePhones: [],
  Faxes: [],
  OtherPhones: [],
  ChatEmails: [],
  InternetPhones: [],
  Urls: [],
};

const unstamped = {
  registered: 0,
  registered_associate_id: 0,
  updated: 0,
  updated_associate_id: 0,
  updatedCount: 0,
  deletedAt: 0,
};

export const emptyPerson: PersonRow = {
  ...unstamped,
  person_id: 0,
  contact_id: 0,
  associate_id: 0,
  user_associate_id: 0,
  firstname: '',
  middleName: '',
  lastname: '',
  mrmrs: '',
  title: '',
  salutation: '',
  description: '',
  birthDate: '',
  retired: false,
  noMailing: false,
  usePersonAddress: false,
  number: '',
  country_id: norway,
  address: emptyAddress,
  elements: emptyElements,
};

export const emptyContact: ContactRow = {
  ...unstamped,
  contact_id: 0,
  associate_id: 0,
  name: '',
  department: '',
  orgNr: '',
  country_id: norway,
  number1: '',
  number2: '',
  street: emptyAddress,
  postal: emptyAddress,
  elements: { Emails: [], Phones: [], Faxes: [], Urls: [] },
};
