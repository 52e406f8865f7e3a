// The `FieldProperties` block of an appointment: type and length of each property. Constant here; in the product the
// rights in it depend on the reader.

const right = { Mask: 'Update', Reason: '' };
const carrier = 'SuperOffice.CRM.Services.';

const typed: readonly (readonly [type: string, length: number, names: readonly string[]])[] = [
  ['System.DateTime', 16, ['CreatedDate', 'StartDate', 'EndDate', 'UpdatedDate', 'ActiveDate']],
  [
    'System.Int32',
    4,
    ['AppointmentId', 'MotherId', 'SuggestedAppointmentId', 'ActiveLinks', 'Links', 'PreferredTZLocation'],
  ],
  ['System.Int16', 2, ['ColorIndex', 'RejectCounter']],
  ['System.String', 254, ['Location', 'RejectReason']],
  ['System.String', 4000, ['Description', 'Title']],
  ['System.String', 0, ['Agenda', 'InternalNotes']],
  ['System.String', 2000, ['JoinVideomeetUrl']],
  ['System.String', 100, ['CentralserviceVideomeetId']],
  ['System.TimeSpan', 2, ['AlarmLeadTime', 'LagTime', 'LeadTime']],
  ['System.Boolean', 2, ['HasAlarm', 'IsMileStone']],
  ['System.Boolean', 1, ['IsFree', 'IsAlldayEvent']],
  [`${carrier}Associate`, 4, ['Associate', 'CreatedBy', 'UpdatedBy', 'AssignedBy', 'MotherAssociate']],
  [`${carrier}Contact`, 4, ['Contact']],
  [`${carrier}Person`, 4, ['InvitedPerson', 'Person']],
  [`${carrier}Priority`, 4, ['Priority']],
  [`${carrier}Project`, 4, ['Project']],
  [`${carrier}Sale`, 4, ['Sale']],
  [`${carrier}RecurrenceInfo`, 0, ['Recurrence']],
  [`${carrier}ParticipantInfo[]`, 4, ['Participants']],
  ['', 4, ['Task']],
  ['SuperOffice.Data.AppointmentCautionWarning', 2, ['CautionWarning']],
  ['SuperOffice.Data.AppointmentPrivate', 0, ['Private']],
  ['SuperOffice.Data.AppointmentType', 0, ['Type']],
  ['SuperOffice.Data.ActivityStatus', 0, ['Completed']],
  ['SuperOffice.Data.AssignmentStatus', 0, ['AssignmentStatus']],
  ['SuperOffice.Data.InvitationStatus', 0, ['InvitationStatus']],
  ['SuperOffice.Data.BookingType', 4, ['BookingType']],
  ['System.Int32', 0, ['VisibleFor']],
];

export const appointmentFieldProperties: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    typed.flatMap(([FieldType, FieldLength, names]) =>
      names.map((name) => [name, { FieldRight: right, FieldType, FieldLength }]),
    ),
  ),
  HasConflict: { FieldRight: { Mask: 'Read', Reason: '' }, FieldType: 'System.Boolean', FieldLength: 0 },
};
