// Selections: named lists of companies, persons or appointments. There is no webhook for them; a static one tells by
// `LastMembershipChange`, a dynamic one not even by that, since its members are worked out anew at each read.

import type { Appointments } from '../appointments/appointments.ts';
import { tableNumbers } from '../changes/transaction-log.ts';
import { briefAssociate } from '../entities/brief-entity.ts';
import { type AddRoute, type Call, idParam, noContent, ok } from '../http/call.ts';
import { badArgument, invalidRequest, notFound } from '../input/error.ts';
import { type Json, PropertyNames, readInteger, readObject, readText } from '../input/json-input.ts';
import { patchEntity } from '../input/patch.ts';
import type { Database } from '../store/database.ts';
import type { SelectionMember, SelectionRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import { type Archive, runArchive } from './archive-query.ts';
import { list } from './archive-routes.ts';
import { findAppointmentArchive } from './archives.ts';
import { contactArchive, personArchive, selectionArchive } from './directory-archives.ts';

const names = new PropertyNames(
  'SelectionId Name Description Associate AssociateId SelectionType TargetTableName Criteria ContactId PersonId'.split(
    ' ',
  ),
);

export class Selections {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #appointments: Appointments;

  constructor(database: Database, clock: Clock, appointments: Appointments) {
    this.#database = database;
    this.#clock = clock;
    this.#appointments = appointments;
  }

  /** @throws 404 */
  get(id: number): SelectionRow {
    const row = this.#database.selections.get(id);
    if (row === undefined) throw notFound('Selection', id);
    return row;
  }

  save(before: SelectionRow | undefined, entity: Json, call: Call): SelectionRow {
    const now = this.#clock.nowSecondMs();
    const id = before?.selection_id ?? this.#database.selections.takeId();
    const criteria = readText(entity['Criteria'], 'Criteria', 20_000);
    const fresh = before === undefined || before.criteria !== criteria;
    const row: SelectionRow = {
      selection_id: id,
      name: readText(entity['Name'], 'Name', 254),
      description: readText(entity['Description'], 'Description', 4000),
      associate_id: call.actor.associate_id,
      selectionType: readType(entity['SelectionType']),
      targetTable: readTarget(entity['TargetTableName']),
      criteria,
      members: before?.members ?? [],
      registered: before?.registered ?? now,
      updated: before === undefined ? 0 : now,
      updatedCount: before === undefined ? 0 : before.updatedCount + 1,
      lastMembershipChange: fresh ? now : before.lastMembershipChange,
      lastMembershipChangeBy: fresh ? call.actor.associate_id : before.lastMembershipChangeBy,
    };
    this.#database.selections.set(id, row);
    return row;
  }

  delete(row: SelectionRow): void {
    this.#database.selections.delete(row.selection_id);
  }

  /** @returns how many were added or removed */
  change(row: SelectionRow, members: readonly SelectionMember[], add: boolean, call: Call): number {
    if (row.selectionType === 'Dynamic') throw badArgument('The members of a dynamic selection cannot be changed');
    const key = (member: SelectionMember) => `${member.contactId}/${member.personId}/${member.recordId}`;
    const kept = new Map(row.members.map((member) => [key(member), member]));
    for (const member of members) {
      if (add) kept.set(key(member), member);
      else kept.delete(key(member));
    }
    const changed = Math.abs(kept.size - row.members.length);
    if (changed > 0) {
      this.#database.selections.set(row.selection_id, {
        ...row,
        members: [...kept.values()],
        lastMembershipChange: this.#clock.nowSecondMs(),
        lastMembershipChangeBy: call.actor.associate_id,
      });
    }
    return changed;
  }

  /** Ids in the target table: stored, or what the criteria find now. */
  memberIds(row: SelectionRow, call: Call): ReadonlySet<number> {
    if (row.selectionType === 'Static') return new Set(row.members.map((member) => member.recordId));
    const query = { select: [], filter: row.criteria, orderBy: null, top: 100_000, skip: 0, mode: 'Slim' } as const;
    const context = { dates: call.dates, associateId: call.actor.associate_id };
    const page = this.onTarget(row, (archive) => runArchive(archive, query, context));
    return new Set(page.rows.map((found) => Number(found['PrimaryKey'])));
  }

  /** Calls with the archive of the table that the selection is about. */
  onTarget<T>(row: SelectionRow, use: <Row>(archive: Archive<Row>) => T): T {
    switch (row.targetTable) {
      case 'contact':
        return use(contactArchive(this.#database));
      case 'person':
        return use(personArchive(this.#database));
      case 'appointment':
        return use(findAppointmentArchive(this.#database, this.#appointments.entities));
    }
  }

  entity(row: SelectionRow, call: Call): Json {
    const { dates } = call;
    return {
      SelectionId: row.selection_id,
      Name: row.name,
      Description: row.description,
      Associate: briefAssociate(this.#database, row.associate_id),
      CreatedBy: briefAssociate(this.#database, row.associate_id),
      UpdatedBy: null,
      CreatedDate: dates.instant(row.registered),
      UpdatedDate: dates.instant(row.updated),
      UpdatedCount: row.updatedCount,
      SelectionType: row.selectionType,
      TargetTableName: row.targetTable,
      TargetTableNumber: tableNumbers[row.targetTable],
      IncludePerson: 1,
      MemberCount: row.members.length,
      LastMembershipChange: dates.instant(row.lastMembershipChange),
      LastMembershipChangeBy: row.lastMembershipChangeBy,
      LastMembershipChangeByAssociate: briefAssociate(this.#database, row.lastMembershipChangeBy),
      Criteria: row.criteria,
      Completed: false,
      LeftSelectionId: 0,
      RightSelectionId: 0,
      SelectionUnionType: 'Unknown',
      MainProviderName: row.targetTable,
      ShadowProviderName: '',
      Visibility: 0,
      VisibleFor: [{ VisibleId: 0, Visibility: 'All', DisplayValue: '[SR_VFC_ALL]' }],
      TableRight: null,
      FieldProperties: {},
    };
  }
}

export function addSelectionRoutes(add: AddRoute, selections: Selections, database: Database): void {
  const byPath = (call: Call) => selections.get(idParam(call, 'id', 'Selection'));
  const archive = selectionArchive(database);
  add('GET', '/Selection', (call) => list(archive, call));
  add('POST', '/Selection', (call) => {
    const entity = readObject(names.read(call.body), 'SelectionEntity');
    return ok(selections.entity(selections.save(undefined, entity, call), call));
  });
  add('GET', '/Selection/:id', (call) => ok(selections.entity(byPath(call), call)));
  add('PUT', '/Selection/:id', (call) => {
    const entity = readObject(names.read(call.body), 'SelectionEntity');
    return ok(selections.entity(selections.save(byPath(call), entity, call), call));
  });
  add('PATCH', '/Selection/:id', (call) => {
    const row = byPath(call);
    const after = patchEntity(selections.entity(row, call), call.body, names, () => false);
    return ok(selections.entity(selections.save(row, after, call), call));
  });
  add('DELETE', '/Selection/:id', (call) => {
    selections.delete(byPath(call));
    return noContent;
  });
  add('GET', '/Selection/:id/Members', (call) => {
    const row = byPath(call);
    const ids = selections.memberIds(row, call);
    return selections.onTarget(row, (target) => list(narrowed(target, ids), withRestriction(call)));
  });
  for (const adding of [true, false]) {
    const verb = adding ? 'Add' : 'Remove';
    add('POST', `/Selection/:id/Members/${verb}Person`, (call) => {
      const row = byPath(call);
      const members = array(names.read(call.body)).map((item) => {
        const member = readObject(item, 'Member');
        const contactId = readInteger(member['ContactId'], 'ContactId');
        const personId = readInteger(member['PersonId'], 'PersonId');
        return { contactId, personId, recordId: row.targetTable === 'person' ? personId : contactId };
      });
      return ok(selections.change(row, members, adding, call));
    });
    add('POST', `/Selection/:id/Members/${verb}`, (call) => {
      const members = array(call.body).map((item) => ({
        contactId: 0,
        personId: 0,
        recordId: readInteger(item, 'id'),
      }));
      return ok(selections.change(byPath(call), members, adding, call));
    });
  }
}

const narrowed = <Row>(archive: Archive<Row>, ids: ReadonlySet<number>): Archive<Row> => ({
  ...archive,
  rows: function* (conjuncts) {
    for (const row of archive.rows(conjuncts)) if (ids.has(archive.primaryKey(row))) yield row;
  },
});

/** The selection itself is restriction enough. */
function withRestriction(call: Call): Call {
  if (call.query.has('$filter')) return call;
  const query = new URLSearchParams(call.query);
  query.set('$filter', 'getAllRows set true');
  return { ...call, query };
}

function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidRequest('The body is not an array.');
  return value;
}

function readType(value: unknown): SelectionRow['selectionType'] {
  if (value === null || value === undefined || value === 'Static' || value === 'Unknown') return 'Static';
  if (value === 'Dynamic') return 'Dynamic';
  throw badArgument(`SelectionType '${String(value)}' is not supported`);
}

function readTarget(value: unknown): SelectionRow['targetTable'] {
  if (value === null || value === undefined || value === '' || value === 'contact') return 'contact';
  if (value === 'person' || value === 'appointment') return value;
  throw badArgument(`TargetTableName '${String(value)}' is not supported`);
}
