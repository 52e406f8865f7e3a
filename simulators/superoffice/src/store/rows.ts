// The rows of the simulated database. Columns carry SuperOffice's own names, because webhooks name them in `Changes`
// and the dynamic archive selects them. `Wall` is a local time of the base time zone (`2026-11-12T09:00:00`, empty =
// null); instants (`registered`, `updated`) are milliseconds UTC in whole seconds, 0 = never.

export type {
  AddressRow,
  AssociateRow,
  AssociateType,
  ContactElements,
  ContactRow,
  ElementRow,
  PersonElements,
  PersonRow,
  Stamped,
} from './directory-rows.ts';

export type Wall = string;

export interface AppointmentRow {
  readonly appointment_id: number;
  readonly contact_id: number;
  readonly person_id: number;
  readonly associate_id: number;
  readonly group_idx: number;
  readonly registered: number;
  readonly registered_associate_id: number;
  readonly updated: number;
  readonly updated_associate_id: number;
  readonly updatedCount: number;
  readonly done: Wall;
  readonly do_by: Wall;
  readonly endDate: Wall;
  readonly activeDate: Wall;
  readonly leadtime: number;
  readonly lagTime: number;
  readonly alarm: number;
  readonly hasAlarm: number;
  readonly task_idx: number;
  readonly priority_idx: number;
  readonly type: number;
  readonly status: number;
  readonly private: number;
  readonly text_id: number;
  readonly agenda_text_id: number;
  readonly internal_notes_text_id: number;
  readonly project_id: number;
  readonly sale_id: number;
  readonly document_id: number;
  readonly mother_id: number;
  readonly mother_associate_id: number;
  readonly invitedPersonId: number;
  readonly recurrenceRuleId: number;
  readonly original_start_date: Wall;
  readonly location: string;
  readonly alldayEvent: number;
  readonly freeBusy: number;
  readonly rejectCounter: number;
  readonly rejectReason: string;
  readonly emailId: number;
  readonly SendEmail: number;
  readonly assignedBy: number;
  readonly preferredTZLocation: number;
  readonly isMilestone: number;
  readonly source: number;
  readonly userdef_id: number;
  readonly userdef2_id: number;
  readonly join_videomeet_url: string;
  readonly centralservice_videomeet_id: string;
  readonly cautionWarning: number;
  readonly owned_externally: number;
  readonly color_index: number;
}

/** The `text` side table: an edit here moves no time stamp by itself. */
export interface TextRow {
  readonly title: string;
  readonly text: string;
}

export interface VisibleForRow {
  readonly visibleId: number;
  readonly visibility: 'All' | 'Associate' | 'Group';
}

export interface ParticipantRow {
  readonly associateId: number;
  readonly personId: number;
  readonly contactId: number;
  readonly emailId: number;
  readonly sendEmail: boolean;
  readonly emailAddress: string;
}

export interface TransactionRow {
  readonly traveltransactionlog_id: number;
  readonly ttime: Wall;
  readonly prev_record_id: number;
  readonly type: number;
  readonly associate_id: number;
  readonly tablenumber: number;
  readonly record_id: number;
  readonly flags: number;
  readonly application_id: number;
}

export interface ForeignAppRow {
  readonly id: number;
  readonly name: string;
}

export interface ForeignDeviceRow {
  readonly id: number;
  readonly appId: number;
  readonly name: string;
  readonly identifier: string;
}

export interface ForeignKeyRow {
  readonly id: number;
  readonly deviceId: number;
  readonly key: string;
  readonly value: string;
  readonly tableName: string;
  readonly recordId: number;
  readonly registered: number;
  readonly registered_associate_id: number;
  readonly updated: number;
  readonly updated_associate_id: number;
}

export interface WebhookRow {
  readonly webhook_id: number;
  readonly name: string;
  readonly events: readonly string[];
  readonly targetUrl: string;
  readonly secret: string;
  readonly state: WebhookState;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly errorsEmail: string;
  readonly registered: number;
  readonly registered_associate_id: number;
  readonly updated: number;
  readonly updated_associate_id: number;
  readonly total_calls: number;
  readonly total_errors: number;
  readonly consecutive_errors: number;
  readonly last_error: string;
}

export type WebhookState = 'Unknown' | 'Active' | 'Stopped' | 'TooManyErrors';

/** One series. Its occurrences are ordinary appointment rows that point here; there is no master row. */
export interface RecurrenceRuleRow {
  readonly recurrenceRuleId: number;
  readonly pattern: 'Unknown' | 'Daily' | 'Weekly' | 'Monthly' | 'Yearly' | 'Custom';
  readonly dayPattern: 'EveryWorkday' | 'EveryWeekday' | 'EveryCyclicDay';
  readonly dayCycle: number;
  /** Flags: Monday 1, Tuesday 2 … Sunday 64. */
  readonly weekdays: number;
  readonly weekCycle: number;
  readonly month: MonthRule;
  /** The cycle of a yearly pattern is the number of the month. */
  readonly year: MonthRule;
  /** Days `YYYY-MM-DD`. */
  readonly startDate: string;
  readonly endDate: string;
  readonly endType: 'Unknown' | 'EndDate' | 'Counter';
  readonly counter: number;
  /** The days of a custom pattern, or those that the client kept. */
  readonly dates: readonly string[];
}

export interface MonthRule {
  readonly kind: 'DayOfMonth' | 'WeekdayOfMonth';
  readonly cycle: number;
  readonly day: number;
  readonly weekdays: number;
  readonly week: 'First' | 'Second' | 'Third' | 'Fourth' | 'Last';
}

/** The `invitation` table: which iCalendar UID belongs to which appointment. */
export interface InvitationRow {
  readonly id: number;
  readonly uid: string;
  readonly appointmentId: number;
}

export interface SelectionRow {
  readonly selection_id: number;
  readonly name: string;
  readonly description: string;
  readonly associate_id: number;
  /** `Dynamic` members are worked out anew at each read. */
  readonly selectionType: 'Static' | 'Dynamic';
  readonly targetTable: 'contact' | 'person' | 'appointment';
  /** `$filter` of a dynamic selection over the target's archive. */
  readonly criteria: string;
  readonly members: readonly SelectionMember[];
  readonly registered: number;
  readonly updated: number;
  readonly updatedCount: number;
  /** For a dynamic selection: when the criteria changed, not when the result did. */
  readonly lastMembershipChange: number;
  readonly lastMembershipChangeBy: number;
}

export interface SelectionMember {
  readonly contactId: number;
  readonly personId: number;
  readonly recordId: number;
}

/** Merges and moves, which the transaction log does not tell. */
export interface MergeMoveRow {
  readonly mergemovelog_id: number;
  readonly tableNumber: number;
  /** 1 merge, 2 move. */
  readonly operation: number;
  readonly sourceRecord: number;
  readonly destinationRecord: number;
  readonly registered: number;
  readonly registered_associate_id: number;
}
