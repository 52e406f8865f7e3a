// Meetings as the product keeps them: one row per participant, tied by `mother_id`. The first participant is the
// inviter and owns the mother row; users get invitations (type Booking…), resources and outsiders get plain rows. The
// text is one shared row, and only the inviter may change it.

import { appointmentTypes, rowStatus } from '../entities/enums.ts';
import { forbidden, ruleBroken } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow, ParticipantRow } from '../store/rows.ts';
import type { AppointmentChange } from './appointment-input.ts';
import type { Diary } from './diary.ts';

/** What an invited user may set on the own row without touching the meeting. */
const ownColumns = new Set<string>([
  'alarm',
  'hasAlarm',
  'freeBusy',
  'private',
  'task_idx',
  'priority_idx',
  'status',
  'done',
  'leadtime',
  'lagTime',
  'owned_externally',
  'cautionWarning',
]);

export class Meetings {
  readonly #database: Database;
  readonly #diary: Diary;

  constructor(database: Database, diary: Diary) {
    this.#database = database;
    this.#diary = diary;
  }

  /** Inserts a plain row, or a mother with her children when there is more than one participant. */
  insert(blank: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    const participants = (change.participants ?? []).map((participant) => this.#complete(participant));
    const [inviter, ...invited] = participants;
    if (inviter === undefined || invited.length === 0) return this.#diary.insert(blank, change, actor);
    if (inviter.associateId === 0) throw ruleBroken('The first participant must be a user: it is the inviter');
    const columns = { ...change.columns, associate_id: inviter.associateId, invitedPersonId: inviter.personId };
    const mother = this.#diary.insert(blank, { ...change, columns }, actor, true);
    this.#database.participants.set(mother.appointment_id, participants);
    for (const participant of invited) this.#invite(mother, participant, actor);
    return mother;
  }

  /** Changes a row and, when it is a mother, what her children share with her. */
  update(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    if (row.mother_id === 0) return this.#updatePlain(row, change, actor);
    if (row.mother_id !== row.appointment_id) return this.#updateChild(row, change, actor);
    const children = this.#children(row);
    const mother = this.#diary.update(row, change, actor);
    const moved = mother.do_by !== row.do_by || mother.endDate !== row.endDate;
    for (const child of children) this.#follow(child, mother, moved, actor);
    if (change.participants !== undefined) this.#setParticipants(mother, change.participants, actor);
    return mother;
  }

  /**
   * Deletes a row. With a mother, invited users keep their rows as cancelled until they clean up; the rows of
   * resources and outsiders go with her.
   */
  delete(row: AppointmentRow, actor: AssociateRow): void {
    const children = row.mother_id === row.appointment_id ? this.#children(row) : [];
    this.#diary.delete(row, actor);
    for (const child of children) {
      if (this.#isInvitee(child)) {
        const type = bookingType(child.type);
        this.#diary.update(child, { columns: { status: rowStatus.bookingDeleted, type } }, actor);
      } else this.#diary.delete(child, actor);
    }
    if (row.mother_id !== 0 && row.mother_id !== row.appointment_id) this.#forget(row);
  }

  accept(row: AppointmentRow, actor: AssociateRow): AppointmentRow {
    const child = this.#invitation(row, actor);
    const type = child.type === appointmentTypes.BookingForDiary ? appointmentTypes.inDiary : child.type;
    const columns = {
      type: type === appointmentTypes.BookingForChecklist ? appointmentTypes.inChecklist : type,
      status: rowStatus.notStarted,
    };
    return this.#diary.update(child, { columns }, actor);
  }

  reject(row: AppointmentRow, reason: string, actor: AssociateRow): AppointmentRow {
    const child = this.#invitation(row, actor);
    const columns = { status: rowStatus.bookingDeclined, type: bookingType(child.type), rejectReason: reason };
    const declined = this.#diary.update(child, { columns }, actor);
    const mother = this.#database.appointments.get(child.mother_id);
    if (mother !== undefined && child.status !== rowStatus.bookingDeclined) {
      const counted = { rejectCounter: mother.rejectCounter + 1, rejectReason: reason };
      this.#diary.update(mother, { columns: counted }, actor);
    }
    return declined;
  }

  /** Seen counts as tentative in the views. */
  setSeen(row: AppointmentRow, actor: AssociateRow): AppointmentRow {
    const child = this.#invitation(row, actor);
    const seen: Readonly<Record<number, number>> = {
      [rowStatus.booking]: rowStatus.bookingSeen,
      [rowStatus.bookingMoved]: rowStatus.bookingMovedSeen,
      [rowStatus.assignment]: rowStatus.assignmentSeen,
    };
    const status = seen[child.status];
    return status === undefined ? child : this.#diary.update(child, { columns: { status } }, actor);
  }

  /** The row that answers: the child itself, or with the mother's id the caller's own child. */
  #invitation(row: AppointmentRow, actor: AssociateRow): AppointmentRow {
    if (row.mother_id !== row.appointment_id) return row;
    const own = this.#children(row).find((child) => child.associate_id === actor.associate_id);
    if (own === undefined) throw ruleBroken(`Associate id ${actor.associate_id} is not invited`);
    return own;
  }

  #children(mother: AppointmentRow): readonly AppointmentRow[] {
    return this.#database.appointments
      .ofMother(mother.appointment_id)
      .filter((row) => row.appointment_id !== mother.appointment_id);
  }

  /** A plain row becomes a mother when participants are added to it. */
  #updatePlain(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    if ((change.participants ?? []).length < 2) return this.#diary.update(row, change, actor);
    const [inviter] = change.participants ?? [];
    if (this.#complete(inviter ?? noParticipant).associateId !== row.associate_id) {
      throw ruleBroken('The first participant must be the owner of the appointment');
    }
    const columns = { ...change.columns, mother_id: row.appointment_id };
    const mother = this.#diary.update(row, { ...change, columns }, actor);
    this.#setParticipants(mother, change.participants ?? [], actor);
    return mother;
  }

  #updateChild(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    const foreign = Object.keys(change.columns).filter((column) => !ownColumns.has(column));
    const texts = [change.title, change.text, change.agenda, change.notes, change.participants];
    if (foreign.length > 0 || texts.some((value) => value !== undefined)) {
      throw forbidden('Only the inviter may change this appointment');
    }
    return this.#diary.update(row, change, actor);
  }

  /** A child takes over what all share. Moved, it asks its owner again. */
  #follow(child: AppointmentRow, mother: AppointmentRow, moved: boolean, actor: AssociateRow): void {
    const { do_by, endDate, activeDate, location, alldayEvent, task_idx, contact_id, person_id } = mother;
    const shared = { do_by, endDate, activeDate, location, alldayEvent, task_idx, contact_id, person_id };
    const links = { join_videomeet_url: mother.join_videomeet_url, recurrenceRuleId: mother.recurrenceRuleId };
    const texts = {
      text_id: mother.text_id,
      agenda_text_id: mother.agenda_text_id,
      internal_notes_text_id: mother.internal_notes_text_id,
    };
    const again =
      moved && this.#isInvitee(child) ? { status: rowStatus.bookingMoved, type: bookingType(child.type) } : {};
    const original = { original_start_date: mother.original_start_date };
    this.#diary.update(child, { columns: { ...shared, ...links, ...texts, ...original, ...again } }, actor);
  }

  #setParticipants(mother: AppointmentRow, list: readonly ParticipantRow[], actor: AssociateRow): void {
    const wanted = list.map((participant) => this.#complete(participant));
    this.#database.participants.set(mother.appointment_id, wanted);
    const children = this.#children(mother);
    for (const child of children) {
      if (!wanted.some((participant) => isFor(child, participant))) this.#diary.delete(child, actor);
    }
    for (const participant of wanted.slice(1)) {
      if (!children.some((child) => isFor(child, participant))) this.#invite(mother, participant, actor);
    }
  }

  #invite(mother: AppointmentRow, participant: ParticipantRow, actor: AssociateRow): void {
    const associate = this.#database.associates.get(participant.associateId);
    const user = associate !== undefined && associate.type !== 'ResourceAssociate';
    const columns: Partial<AppointmentRow> = {
      associate_id: participant.associateId,
      invitedPersonId: participant.personId,
      emailId: participant.emailId,
      SendEmail: participant.sendEmail ? 1 : 0,
      mother_id: mother.appointment_id,
      mother_associate_id: mother.associate_id,
      private: mother.private,
      status: user ? rowStatus.booking : rowStatus.notStarted,
      type: user ? bookingType(mother.type) : mother.type,
    };
    this.#diary.insert({ ...mother, rejectCounter: 0, rejectReason: '' }, { columns }, actor);
  }

  /** Ids that are given together must agree; what is missing is looked up. @throws 500 */
  #complete(participant: ParticipantRow): ParticipantRow {
    const { associates, persons } = this.#database;
    const associate = associates.get(participant.associateId);
    if (participant.associateId !== 0 && associate === undefined) {
      throw ruleBroken(`Associate id ${participant.associateId} not found`);
    }
    const personId = participant.personId || (associate?.person_id ?? 0);
    const person = persons.get(personId);
    if (personId !== 0 && person === undefined) throw ruleBroken(`Person id ${personId} not found`);
    if (associate !== undefined && personId !== associate.person_id) {
      throw ruleBroken(`Person id ${personId} is not associate id ${associate.associate_id}`);
    }
    if (participant.contactId !== 0 && person !== undefined && participant.contactId !== person.contact_id) {
      throw ruleBroken(`Person id ${personId} does not belong to contact id ${participant.contactId}`);
    }
    return {
      ...participant,
      associateId: participant.associateId || (person?.user_associate_id ?? 0),
      personId,
      contactId: participant.contactId || (person?.contact_id ?? 0),
      emailAddress: participant.emailAddress || (person?.elements.Emails[0]?.value ?? ''),
    };
  }

  #isInvitee(row: AppointmentRow): boolean {
    const associate = this.#database.associates.get(row.associate_id);
    return associate !== undefined && associate.type !== 'ResourceAssociate';
  }

  /** A participant whose own row is deleted is no participant any more. */
  #forget(child: AppointmentRow): void {
    const list = this.#database.participants.get(child.mother_id);
    if (list === undefined) return;
    this.#database.participants.set(
      child.mother_id,
      list.filter((participant) => !isFor(child, participant)),
    );
  }
}

const noParticipant: ParticipantRow = {
  associateId: 0,
  personId: 0,
  contactId: 0,
  emailId: 0,
  sendEmail: false,
  emailAddress: '',
};

const isFor = (row: AppointmentRow, participant: ParticipantRow): boolean =>
  participant.associateId === 0
    ? row.associate_id === 0 && row.invitedPersonId === participant.personId
    : row.associate_id === participant.associateId;

const bookingType = (type: number): number =>
  type === appointmentTypes.inChecklist || type === appointmentTypes.BookingForChecklist
    ? appointmentTypes.BookingForChecklist
    : appointmentTypes.BookingForDiary;
