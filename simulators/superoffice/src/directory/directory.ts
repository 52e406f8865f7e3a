// Every write to persons and companies. Both are deleted softly and purged two weeks later; the transaction log knows
// neither. E-mail, phones and user-defined fields are side tables: editing them alone tells nobody.
import { isDeepStrictEqual } from 'node:util';
import type { EventSink } from '../changes/change-event.ts';
import { type TransactionLog, tableNumbers } from '../changes/transaction-log.ts';
import { ruleBroken } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow, ContactRow, PersonRow, Stamped } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';

const purgeAfterMs = 14 * 86_400_000;
/** Side tables and bookkeeping: no columns of the root row. */
const sideTables = new Set(['elements', 'address', 'street', 'postal', 'deletedAt']);

export class Directory {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: TransactionLog;
  readonly #emit: EventSink;

  constructor(database: Database, clock: Clock, log: TransactionLog, emit: EventSink) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
    this.#emit = emit;
  }

  insertPerson(draft: PersonRow, actor: AssociateRow): PersonRow {
    this.#checkPerson(draft);
    const id = this.#database.persons.takeId();
    const number = draft.number || String(10_000 + id);
    const person = { ...draft, person_id: id, number, ...this.#inserted(actor) };
    this.#database.persons.set(id, person);
    this.#tell('person', 'created', 'insert', id, person, [], actor);
    return person;
  }

  updatePerson(before: PersonRow, wanted: PersonRow, actor: AssociateRow): PersonRow {
    this.#checkPerson(wanted);
    const changes = changedColumns(before, wanted);
    const person = changes.length === 0 ? wanted : { ...wanted, ...this.#updated(before, actor) };
    if (isDeepStrictEqual(before, person)) return before;
    this.#database.persons.set(person.person_id, person);
    if (changes.length > 0) this.#tell('person', 'changed', 'update', person.person_id, person, changes, actor);
    return person;
  }

  insertContact(draft: ContactRow, actor: AssociateRow): ContactRow {
    if (draft.name === '') throw ruleBroken('A company must have a Name');
    const id = this.#database.contacts.takeId();
    const number2 = draft.number2 || String(10_000 + id);
    const owner = draft.associate_id || actor.associate_id;
    const contact = { ...draft, contact_id: id, number2, associate_id: owner, ...this.#inserted(actor) };
    this.#database.contacts.set(id, contact);
    this.#tell('contact', 'created', 'insert', id, contact, [], actor);
    return contact;
  }

  updateContact(before: ContactRow, wanted: ContactRow, actor: AssociateRow): ContactRow {
    if (wanted.name === '') throw ruleBroken('A company must have a Name');
    const changes = changedColumns(before, wanted);
    const contact = changes.length === 0 ? wanted : { ...wanted, ...this.#updated(before, actor) };
    if (isDeepStrictEqual(before, contact)) return before;
    this.#database.contacts.set(contact.contact_id, contact);
    if (changes.length > 0) this.#tell('contact', 'changed', 'update', contact.contact_id, contact, changes, actor);
    return contact;
  }

  /** Marks it deleted. It can be brought back until it is purged. */
  deletePerson(person: PersonRow, actor: AssociateRow): void {
    if (person.user_associate_id !== 0) throw ruleBroken('A person who is a user cannot be deleted');
    this.#database.persons.set(person.person_id, { ...person, deletedAt: this.#clock.nowMs() });
    this.#tell('person', 'softdeleted', undefined, person.person_id, person, [], actor);
  }

  deleteContact(contact: ContactRow, actor: AssociateRow): void {
    const users = [...this.#database.persons.values()].some(
      (person) => person.contact_id === contact.contact_id && person.user_associate_id !== 0,
    );
    if (users) throw ruleBroken('The company of users cannot be deleted');
    this.#database.contacts.set(contact.contact_id, { ...contact, deletedAt: this.#clock.nowMs() });
    this.#tell('contact', 'softdeleted', undefined, contact.contact_id, contact, [], actor);
  }

  undeletePerson(person: PersonRow, actor: AssociateRow): PersonRow {
    const restored = { ...person, deletedAt: 0 };
    this.#database.persons.set(person.person_id, restored);
    this.#tell('person', 'created', undefined, person.person_id, restored, [], actor);
    return restored;
  }

  /** Moves what points at the source to the destination and removes the source; only `mergemovelog` tells. */
  mergePerson(source: PersonRow, destination: PersonRow, actor: AssociateRow): void {
    for (const row of this.#database.appointments.values()) {
      if (row.person_id !== source.person_id) continue;
      const moved = { ...row, person_id: destination.person_id, contact_id: destination.contact_id };
      this.#database.appointments.set(row.appointment_id, moved);
    }
    this.#purgePerson(source, actor.associate_id);
    this.#logMergeMove(1, source.person_id, destination.person_id, actor);
  }

  movePerson(person: PersonRow, contact: ContactRow, actor: AssociateRow): PersonRow {
    const moved = this.updatePerson(person, { ...person, contact_id: contact.contact_id }, actor);
    this.#logMergeMove(2, person.person_id, contact.contact_id, actor);
    return moved;
  }

  /** Removes for good what was deleted two weeks ago. */
  purge(): void {
    const before = this.#clock.nowMs() - purgeAfterMs;
    for (const person of this.#database.persons.values()) {
      if (person.deletedAt !== 0 && person.deletedAt <= before) this.#purgePerson(person, 0);
    }
    for (const contact of this.#database.contacts.values()) {
      if (contact.deletedAt === 0 || contact.deletedAt > before) continue;
      this.#database.contacts.delete(contact.contact_id);
      this.#database.contactCustomFields.delete(contact.contact_id);
      this.#database.deleteForeignKeys('contact', contact.contact_id);
      this.#tellDeleted('contact', contact.contact_id, { contact_id: contact.contact_id }, 0);
    }
  }

  #purgePerson(person: PersonRow, actorId: number): void {
    this.#database.persons.delete(person.person_id);
    this.#database.personCustomFields.delete(person.person_id);
    this.#database.deleteForeignKeys('person', person.person_id);
    const values = { associate_id: 0, contact_id: person.contact_id, person_id: person.person_id };
    this.#tellDeleted('person', person.person_id, values, actorId);
  }

  #tellDeleted(entity: string, primaryKey: number, values: Readonly<Record<string, number>>, changedBy: number): void {
    this.#emit({ entity, action: 'deleted', primaryKey, changes: [], values, changedBy });
  }

  #tell(
    entity: 'person' | 'contact',
    action: string,
    logged: 'insert' | 'update' | undefined,
    id: number,
    row: PersonRow | ContactRow,
    changes: readonly string[],
    actor: AssociateRow,
  ): void {
    if (logged !== undefined) this.#log.add(logged, entity, id, actor.associate_id);
    const person = 'person_id' in row ? { person_id: row.person_id } : {};
    this.#emit({
      entity,
      action,
      primaryKey: id,
      changes:
        changes.length === 0 ? [] : [`${entity}_id`, ...changes, 'updated', 'updated_associate_id', 'updatedCount'],
      fieldValues: { ...person, contact_id: row.contact_id, associate_id: row.associate_id },
      changedBy: actor.associate_id,
    });
  }

  #logMergeMove(operation: number, source: number, destination: number, actor: AssociateRow): void {
    const id = this.#database.mergeMoves.takeId();
    this.#database.mergeMoves.set(id, {
      mergemovelog_id: id,
      tableNumber: tableNumbers.person,
      operation,
      sourceRecord: source,
      destinationRecord: destination,
      registered: this.#clock.nowSecondMs(),
      registered_associate_id: actor.associate_id,
    });
  }

  #checkPerson(person: PersonRow): void {
    const contact = this.#database.contacts.get(person.contact_id);
    if (contact === undefined || contact.deletedAt !== 0) throw ruleBroken('A person must belong to a company');
  }

  #inserted(actor: AssociateRow): Stamped {
    return {
      registered: this.#clock.nowSecondMs(),
      registered_associate_id: actor.associate_id,
      updated: 0,
      updated_associate_id: 0,
      updatedCount: 0,
      deletedAt: 0,
    };
  }

  #updated(before: Stamped, actor: AssociateRow): Partial<Stamped> {
    return {
      updated: this.#clock.nowSecondMs(),
      updated_associate_id: actor.associate_id,
      updatedCount: before.updatedCount + 1,
    };
  }
}

function changedColumns(before: object, after: object): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([column, value]) =>
    sideTables.has(column) || old.get(column) === value ? [] : [column],
  );
}
