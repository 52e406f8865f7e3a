// GetUserAvailability, the oldest of the operations: its elements have names of their own, a mailbox that cannot be read has its
// error beside the others, and times without a zone stand for local time of the one that the request describes.

import type { CallContext } from '../caller/call-context.ts';
import { freeBusyRights } from '../caller/rights.ts';
import { meetingState } from '../properties/computed-values.ts';
import { any, one, open, optional, sequence, text } from '../schema/schema.ts';
import { anyText, boolean, dateTime, integer, oneOf } from '../schema/simple-types.ts';
import { takingPlace } from '../search/calendar-view.ts';
import { mergedFreeBusy } from '../search/merged-free-busy.ts';
import { bodyEnvelope, failureMessage, successMessage } from '../soap/envelope.ts';
import { EwsError, EwsFault } from '../soap/ews-error.ts';
import { writeAlternateId } from '../store/alternate-ids.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { readDateTime, writeDateTime } from '../time/date-time.ts';
import { instantByRules, wallByRules } from '../time/yearly-rules.ts';
import { instantOf, wallClockOf } from '../time/zone-arithmetic.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import { availabilityZoneType, readAvailabilityZone, writeAvailabilityZone } from './availability-zone.ts';
import type { WholeAnswer } from './operation.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const maxMailboxes = 100;
const maxDays = 62;
const maxAppointments = 10_000;
const standardPartMinutes = 30;
/** What a mailbox has until its owner says otherwise. */
const workingPeriod =
  '<t:WorkingPeriodArray><t:WorkingPeriod><t:DayOfWeek>Monday Tuesday Wednesday Thursday Friday</t:DayOfWeek><t:StartTimeInMinutes>480</t:StartTimeInMinutes><t:EndTimeInMinutes>1020</t:EndTimeInMinutes></t:WorkingPeriod></t:WorkingPeriodArray>';

const mailboxData = sequence([
  one({
    't:Email': sequence([
      optional({ 't:Name': text(anyText) }),
      one({ 't:Address': text(anyText) }),
      optional({ 't:RoutingType': text(anyText) }),
    ]),
  }),
  one({ 't:AttendeeType': text(oneOf('Organizer Required Optional Room Resource')) }),
  optional({ 't:ExcludeConflicts': text(boolean) }),
]);
const duration = sequence([one({ 't:StartTime': text(dateTime) }), one({ 't:EndTime': text(dateTime) })]);
const views = 'None MergedOnly FreeBusy FreeBusyMerged Detailed DetailedMerged';

export const getUserAvailability: WholeAnswer = {
  type: sequence([
    optional({ 't:TimeZone': availabilityZoneType }),
    one({ 'm:MailboxDataArray': sequence([any({ 't:MailboxData': mailboxData })]) }),
    optional({
      't:FreeBusyViewOptions': sequence([
        one({ 't:TimeWindow': duration }),
        optional({ 't:MergedFreeBusyIntervalInMinutes': text(integer()) }),
        optional({ 't:RequestedView': text(oneOf(views)) }),
      ]),
    }),
    optional({ 't:SuggestionsViewOptions': open }),
  ]),
  answer: answerAvailability,
  failed: (request, error) => envelopeOf(childrenOf(request, 'MailboxDataArray').map(() => failed(error))),
};

/** Between wall clocks of the one who asks and instants. */
interface LocalTime {
  toInstant(wallMs: number): number;
  toWall(instantMs: number): number;
}

interface Question {
  readonly from: number;
  readonly to: number;
  readonly partMs: number;
  readonly view: string;
  readonly local: LocalTime;
}

function answerAvailability(request: XmlElement, context: CallContext): string {
  const addressees = childrenOf(request, 'MailboxDataArray');
  if (addressees.length === 0) throw new EwsFault('ErrorMailboxDataArrayEmpty', 'There is no target user.');
  if (addressees.length > maxMailboxes) {
    throw new EwsFault(
      'ErrorMailboxDataArrayTooBig',
      `There are too many target users in the EmailAddress array. The allowed size = ${maxMailboxes}; the actual size = ${addressees.length}.`,
    );
  }
  if (childOf(request, 'SuggestionsViewOptions') !== undefined) {
    throw new EwsFault('ErrorInvalidOperation', 'Suggestions of meeting times are not offered by this server.');
  }
  const options = childOf(request, 'FreeBusyViewOptions');
  if (options === undefined) throw new EwsFault('ErrorMissingArgument', 'FreeBusyViewOptions is missing.');
  const question = readQuestion(options, localTime(childOf(request, 'TimeZone'), context));
  return envelopeOf(addressees.map((each) => answerFor(each, question, context)));
}

function localTime(zoneElement: XmlElement | undefined, { zone }: CallContext): LocalTime {
  if (zoneElement === undefined) {
    return { toInstant: (wallMs) => instantOf(wallMs, zone), toWall: (instantMs) => wallClockOf(instantMs, zone) };
  }
  const rules = readAvailabilityZone(zoneElement);
  return {
    toInstant: (wallMs) => instantByRules(wallMs, rules),
    toWall: (instantMs) => wallByRules(instantMs, rules),
  };
}

/** @throws EwsFault */
function readQuestion(options: XmlElement, local: LocalTime): Question {
  const view = textOf(options, 'RequestedView') ?? 'FreeBusy';
  if (view === 'None') throw new EwsFault('ErrorInvalidFreeBusyViewType', 'The requested view None is not valid.');
  const window = childOf(options, 'TimeWindow') ?? options;
  const from = readTime(textOf(window, 'StartTime') ?? '', local);
  const to = readTime(textOf(window, 'EndTime') ?? '', local);
  if (to <= from) throw invalidWindow();
  const days = Math.floor((to - from) / dayMs);
  if (days > maxDays) {
    throw new EwsFault(
      'ErrorTimeIntervalTooBig',
      `The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit = ${maxDays} days; the actual limit = ${days} days.`,
    );
  }
  const partMinutes = Number(textOf(options, 'MergedFreeBusyIntervalInMinutes') ?? standardPartMinutes);
  const partMs = partMinutes * minuteMs;
  if (partMinutes < 5 || partMinutes > 1440 || partMs > to - from) {
    throw new EwsFault(
      'ErrorInvalidMergedFreeBusyInterval',
      'The merged free/busy interval is invalid. It has to be 5 to 1440 minutes, and no longer than the time window.',
    );
  }
  return { from, to, partMs, view, local };
}

function invalidWindow(): EwsFault {
  return new EwsFault(
    'ErrorInvalidTimeInterval',
    'The time duration specified for FreeBusyViewOptions.TimeWindow is invalid.',
  );
}

function readTime(written: string, local: LocalTime): number {
  const read = readDateTime(written, 'UTC');
  if (read === undefined) throw invalidWindow();
  return /(Z|[+-]\d\d:\d\d)$/.test(written.trim()) ? read : local.toInstant(read);
}

function answerFor(addressee: XmlElement, question: Question, context: CallContext): string {
  try {
    const mailbox = context.directory.mailbox(
      textOf(childOf(addressee, 'Email') ?? addressee, 'Address')?.trim() ?? '',
    );
    if (mailbox === undefined) throw notFound(addressee);
    return freeBusyOf(mailbox, question, context);
  } catch (error) {
    if (!(error instanceof EwsError) || error instanceof EwsFault) throw error;
    return failed(error);
  }
}

const errorsNamespace = 'http://schemas.microsoft.com/exchange/services/2006/errors';

/** In the words of a capture. */
function notFound(addressee: XmlElement): EwsError {
  const email = childOf(addressee, 'Email') ?? addressee;
  const address = `<${textOf(email, 'Name') ?? ''}>${textOf(email, 'RoutingType') ?? 'SMTP'}:${textOf(email, 'Address')}`;
  const message = `Unable to resolve e-mail address ${address} to an Active Directory object.`;
  const about = {
    ExceptionType: 'Microsoft.Exchange.InfoWorker.Common.Availability.MailRecipientNotFoundException',
    ExceptionCode: '5009',
    ExceptionServerName: 'EXCH01',
    ExceptionMessage: message,
  };
  const messageXml = Object.entries(about).map(([name, value]) =>
    textElement(name, value).replace('>', ` xmlns="${errorsNamespace}">`),
  );
  return new EwsError('ErrorMailRecipientNotFound', message, messageXml.join(''));
}

function freeBusyOf(mailbox: Mailbox, question: Question, context: CallContext): string {
  const { from, to, partMs, local } = question;
  const rights = freeBusyRights(context.caller, mailbox);
  if (rights.shows === 'nothing') throw new EwsError('ErrorNoFreeBusyAccess');
  const stored = [...mailbox.folder('calendar').items.values()].filter(({ kind }) => kind === 'CalendarItem');
  const appointments = takingPlace(
    stored.map((item) => viewOf(mailbox, item)),
    from,
    to,
  );
  if (appointments.length > maxAppointments) throw new EwsError('ErrorResultSetTooBig');
  const view = rights.shows === 'times' ? question.view.replace('Detailed', 'FreeBusy') : question.view;
  const merged = view.includes('Merged') ? mergedFreeBusy(appointments, { from, to }, partMs) : undefined;
  const events = appointments.map((each) => {
    const details = view.startsWith('Detailed') ? writeDetails(each, rights.viewPrivate) : '';
    return writeEvent(each, local, details);
  });
  const hours = writeAvailabilityZone(mailbox.identity.timeZone, context.nowMs()) + workingPeriod;
  const content = [
    textElement('t:FreeBusyViewType', view),
    textElement('t:MergedFreeBusy', merged),
    view === 'MergedOnly' || events.length === 0 ? '' : element('t:CalendarEventArray', {}, events.join('')),
    view === 'MergedOnly' ? '' : element('t:WorkingHours', {}, hours),
  ];
  return writeResponse(successMessage('', ''), content.join(''));
}

function writeEvent({ values }: ItemView, { toWall }: LocalTime, details: string): string {
  const local = (value: unknown): string => writeDateTime(toWall(Number(value))).replace('Z', '');
  const content = [
    textElement('t:StartTime', local(values['Start'])),
    textElement('t:EndTime', local(values['End'])),
    textElement('t:BusyType', String(values['LegacyFreeBusyStatus'] ?? 'Busy')),
    details,
  ];
  return element('t:CalendarEvent', {}, content.join(''));
}

/** Of something private nobody gets the id, and only who may see private items what it is. */
function writeDetails(view: ItemView, viewPrivate: boolean): string {
  const { mailbox, item, values, calendarType, originalStartMs } = view;
  const isPrivate = values['Sensitivity'] === 'Private';
  const said = (name: string): string | undefined =>
    isPrivate && !viewPrivate ? undefined : String(values[name] ?? '');
  const id = {
    mailboxGuid: mailbox.identity.guid,
    kind: originalStartMs === undefined ? 'item' : 'occurrence',
    serial: item.serial,
    occurrence: Math.floor((originalStartMs ?? 0) / 1000),
  } as const;
  const content = [
    textElement('t:ID', isPrivate ? undefined : writeAlternateId('HexEntryId', id)),
    textElement('t:Subject', said('Subject')),
    textElement('t:Location', said('Location')),
    textElement('t:IsMeeting', (meetingState(view) & 1) === 1),
    textElement('t:IsRecurring', originalStartMs !== undefined),
    textElement('t:IsException', calendarType === 'Exception'),
    textElement('t:IsReminderSet', values['ReminderIsSet'] === true),
    textElement('t:IsPrivate', isPrivate),
  ];
  return element('t:CalendarEventDetails', {}, content.join(''));
}

function failed(error: EwsError): string {
  return writeResponse(failureMessage('', error, ''), textElement('t:FreeBusyViewType', 'None'));
}

function writeResponse(message: string, view: string): string {
  return element('m:FreeBusyResponse', {}, message + element('m:FreeBusyView', {}, view));
}

function envelopeOf(responses: readonly string[]): string {
  return bodyEnvelope('m:GetUserAvailabilityResponse', element('m:FreeBusyResponseArray', {}, responses.join('')));
}
