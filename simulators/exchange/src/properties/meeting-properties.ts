// The properties of the messages that meetings send: request, answer, cancellation. They are those of a message, then of any
// meeting message, then of the appointment that it is about.

import { text } from '../schema/schema.ts';
import { oneOf } from '../schema/simple-types.ts';
import { calendarProperties } from './calendar-properties.ts';
import { definitions, readOnly } from './definitions.ts';
import { messageProperties } from './message-properties.ts';
import type { Property } from './property.ts';

const meeting = definitions('meeting');
const meetingRequest = definitions('meetingRequest');
const responses = 'Unknown Organizer Tentative Accept Decline NoResponseReceived';
const requestTypes = 'None FullUpdate InformationalUpdate NewMeetingRequest Outdated SilentUpdate PrincipalWantsCopy';

function ofCalendar(names: string): readonly Property[] {
  const wanted = new Set(names.split(' '));
  return calendarProperties.filter(({ name }) => wanted.has(name)).map((each) => ({ ...each, writable: false }));
}

/** What is written as of a message; the rest a client may not change. */
const common: readonly Property[] = [
  ...messageProperties,
  meeting.computed('AssociatedCalendarItemId', 'Default'),
  meeting.computed('IsDelegated', 'Default'),
  meeting.computed('IsOutOfDate', 'Default'),
  meeting.computed('HasBeenProcessed', 'Default'),
  { ...readOnly(meeting.text('ResponseType', 'Default')), type: text(oneOf(responses)) },
  ...ofCalendar('UID RecurrenceId DateTimeStamp'),
  ...ofCalendar('IsOrganizer'),
];

const times = ofCalendar('Start End Location');
const ofSeries = ofCalendar('Recurrence');
const type = ofCalendar('CalendarItemType');

export const meetingRequestProperties: readonly Property[] = [
  ...common,
  { ...readOnly(meetingRequest.text('MeetingRequestType', 'Default')), type: text(oneOf(requestTypes)) },
  { ...readOnly(meetingRequest.text('IntendedFreeBusyStatus', 'Default')) },
  ...ofCalendar(
    'Start End OriginalStart IsAllDayEvent LegacyFreeBusyStatus Location When IsMeeting IsCancelled IsRecurring MeetingRequestWasSent CalendarItemType MyResponseType Organizer RequiredAttendees OptionalAttendees Resources Duration TimeZone AppointmentReplyTime AppointmentSequenceNumber AppointmentState Recurrence FirstOccurrence LastOccurrence ModifiedOccurrences DeletedOccurrences StartTimeZone EndTimeZone',
  ),
];

/** Of an answer and of a cancellation. */
export const meetingNoteProperties: readonly Property[] = [...common, ...times, ...ofSeries, ...type];
