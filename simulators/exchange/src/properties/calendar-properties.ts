// The properties of an appointment, in the order of the schema.
import { emailAddress } from '../schema/common-types.ts';
import { allowed, one, open, optional, sequence, some, text } from '../schema/schema.ts';
import { anyText, dateTime, oneOf } from '../schema/simple-types.ts';
import { definitions, notInLists, readOnly } from './definitions.ts';
import type { Property } from './property.ts';
import { recurrence } from './recurrence-types.ts';

const calendar = definitions('calendar');
const freeBusy = 'Free Tentative Busy OOF WorkingElsewhere NoData';

const attendees = sequence([
  some({
    't:Attendee': sequence([
      one({ 't:Mailbox': emailAddress }),
      optional({
        't:ResponseType': text(oneOf('Unknown Organizer Tentative Accept Decline NoResponseReceived')),
      }),
      optional({ 't:LastResponseTime': text(dateTime) }),
      optional({ 't:ProposedStart': text(dateTime) }),
      optional({ 't:ProposedEnd': text(dateTime) }),
    ]),
  }),
]);

/** The zone as Exchange 2007 has it: by name, with rules that are not looked at. */
const meetingTimeZone = sequence(
  [optional({ 't:BaseOffset': open }), optional({ 't:Standard': open }), optional({ 't:Daylight': open })],
  { TimeZoneName: allowed(anyText) },
);

export const calendarProperties: readonly Property[] = [
  calendar.text('UID'),
  calendar.computed('RecurrenceId'),
  calendar.computed('DateTimeStamp'),
  calendar.instant('Start', 'Default'),
  calendar.instant('End', 'Default'),
  calendar.computed('OriginalStart'),
  calendar.flag('IsAllDayEvent'),
  calendar.choice('LegacyFreeBusyStatus', freeBusy, 'Default'),
  calendar.text('Location', 'Default'),
  calendar.text('When'),
  calendar.computed('IsMeeting'),
  calendar.computed('IsCancelled'),
  calendar.computed('IsRecurring'),
  calendar.computed('MeetingRequestWasSent'),
  calendar.flag('IsResponseRequested'),
  calendar.computed('CalendarItemType', 'Default'),
  calendar.computed('MyResponseType', 'Default'),
  calendar.computed('Organizer', 'Default'),
  notInLists(calendar.tree('RequiredAttendees', attendees)),
  notInLists(calendar.tree('OptionalAttendees', attendees)),
  notInLists(calendar.tree('Resources', attendees)),
  calendar.computed('InboxReminders', 'named'),
  calendar.computed('ConflictingMeetingCount', 'named'),
  calendar.computed('AdjacentMeetingCount', 'named'),
  calendar.computed('ConflictingMeetings', 'named'),
  calendar.computed('AdjacentMeetings', 'named'),
  calendar.computed('Duration'),
  calendar.computed('TimeZone'),
  calendar.computed('AppointmentReplyTime'),
  calendar.computed('AppointmentSequenceNumber'),
  calendar.computed('AppointmentState'),
  notInLists(calendar.tree('Recurrence', recurrence)),
  notInLists(calendar.computed('FirstOccurrence')),
  notInLists(calendar.computed('LastOccurrence')),
  notInLists(calendar.computed('ModifiedOccurrences')),
  notInLists(calendar.computed('DeletedOccurrences')),
  { ...calendar.zone('MeetingTimeZone', 'named'), type: meetingTimeZone },
  calendar.zone('StartTimeZone'),
  calendar.zone('EndTimeZone'),
  calendar.integer('ConferenceType'),
  calendar.flag('AllowNewTimeProposal'),
  calendar.flag('IsOnlineMeeting'),
  calendar.text('MeetingWorkspaceUrl'),
  calendar.text('NetShowUrl'),
  calendar.computed('EnhancedLocation', 'named'),
  calendar.computed('StartWallClock', 'named'),
  calendar.computed('EndWallClock', 'named'),
  calendar.computed('StartTimeZoneId', 'named'),
  calendar.computed('EndTimeZoneId', 'named'),
  readOnly(calendar.choice('IntendedFreeBusyStatus', freeBusy, 'named')),
  calendar.computed('JoinOnlineMeetingUrl', 'named'),
  calendar.computed('OnlineMeetingSettings', 'named'),
  calendar.computed('IsOrganizer'),
];
