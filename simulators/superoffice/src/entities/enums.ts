// The product's enumerations: names on the wire, numbers in tables and webhook FieldValues. `inDiary` and
// `inChecklist` really begin with a small letter.

export const appointmentTypes = {
  Unknown: 0,
  inDiary: 1,
  inChecklist: 2,
  Note: 3,
  Document: 4,
  SavedReport: 5,
  BookingForDiary: 6,
  BookingForChecklist: 7,
  MergeDraft: 8,
  MergeFinal: 9,
} as const;

export const activityStatuses = { Unknown: 0, NotStarted: 1, Started: 2, Completed: 3 } as const;

/** The status column. From 5 on it carries the state of an invitation, from 11 on that of an assignment. */
export const rowStatus = {
  unknown: 0,
  notStarted: 1,
  started: 2,
  completed: 3,
  hidden: 4,
  booking: 5,
  bookingMoved: 6,
  bookingSeen: 7,
  bookingMovedSeen: 8,
  bookingDeclined: 9,
  bookingDeleted: 10,
  assignment: 11,
  assignmentSeen: 12,
  assignmentDeclined: 13,
} as const;

export const invitationStatuses = {
  Unknown: 0,
  None: 1,
  Accepted: 2,
  Hidden: 4,
  Invitation: 5,
  Moved: 6,
  Seen: 7,
  MovedSeen: 8,
  Declined: 9,
  Cancelled: 10,
} as const;

export const assignmentStatuses = { Unknown: 0, None: 1, Assigning: 2, Seen: 3, Declined: 4 } as const;

export const bookingTypes = { Unknown: 0, None: 1, Owner: 2, Participant: 3 } as const;

export const privacies = { Public: 0, PrivateUser: 1, PrivateGroup: 2 } as const;

export const visibilities = { All: 0, Associate: 1, Group: 2 } as const;

export const externalOwners = { None: 0, Other: 1, Outlook: 2, Google: 3 } as const;

export const cautionWarnings = {
  OK: 0,
  NotInSync: 1,
  NotNotifiedByEmail: 2,
  RecurrencePatternNotSupported: 3,
  IncomingRecurrenceChangeNotSupported: 4,
  ExternalParticipantsDateTimeMismatch: 5,
} as const;

export const taskTypes = {
  Unknown: 0,
  Appointment: 1,
  Document: 2,
  Email: 3,
  Fax: 4,
  Phone: 5,
  ToDo: 6,
  MailMergeDraft: 7,
  MailMergeFinal: 8,
  Report: 9,
  SaintAll: 10,
} as const;

export const updateModes = { Unknown: 0, OnlyThis: 1, ThisAndForward: 2, StopRecurrence: 9 } as const;

export type UpdateMode = keyof typeof updateModes;

export const webhookStates = { Unknown: 0, Active: 1, Stopped: 2, TooManyErrors: 3 } as const;
