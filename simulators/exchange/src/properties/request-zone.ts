// Instants of an answer in the zone that the request names (TimeZoneContext), with the offset of that moment. The answer is
// changed as a whole, by the names of its elements: text of people never forms an element.
import { writeLocalDateTime } from '../time/date-time.ts';
import { instantOf } from '../time/zone-arithmetic.ts';

const instants =
  'Start End OriginalStart DateTimeReceived DateTimeSent DateTimeCreated ReminderDueBy ReminderNextTime LastModifiedTime DateTimeStamp RecurrenceId AppointmentReplyTime AssignedTime LastResponseTime ProposedStart ProposedEnd StartTime EndTime';
/** A day without a time, kept as midnight in UTC: it is the midnight of whichever zone is asked for. */
const days = 'StartDate DueDate CompleteDate';

const utc = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)Z';
const pattern = (names: string): RegExp => new RegExp(`<t:(${names.replaceAll(' ', '|')})>${utc}</t:`, 'g');
const instantPattern = pattern(instants);
const dayPattern = pattern(days);

/** @param zone IANA zone */
export function inRequestZone(answer: string, zone: string): string {
  if (zone === 'UTC') return answer;
  const local = (name: string, instantMs: number): string => `<t:${name}>${writeLocalDateTime(instantMs, zone)}</t:`;
  return answer
    .replace(instantPattern, (_whole, name: string, text: string) => local(name, Date.parse(`${text}Z`)))
    .replace(dayPattern, (_whole, name: string, text: string) => local(name, instantOf(Date.parse(`${text}Z`), zone)));
}
