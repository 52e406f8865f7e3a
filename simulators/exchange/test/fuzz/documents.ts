// The good requests that are spoiled: every operation, the rich kinds of item, and the headers that change what is done.
import {
  allProperties,
  availability,
  calendar,
  createAppointment,
  findByStamp,
  getFolder,
  getItems,
  hour,
  idOnly,
  remove,
  setField,
  stamp,
  stream,
  subscribe,
  sync,
  update,
} from '../requests.ts';

/** What the server has given out, for requests that name something. */
export interface Tokens {
  readonly item: string;
  readonly changeKey: string;
  readonly master: string;
  readonly folder: string;
  readonly syncState: string;
  readonly hierarchyState: string;
  readonly streaming: string;
  readonly pull: string;
  readonly watermark: string;
}

export const weekly =
  '<t:Subject>weekly</t:Subject><t:Start>2026-03-16T09:00:00</t:Start><t:End>2026-03-16T10:00:00</t:End><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-16</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence><t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/>';
export const noEnd = '<t:NoEndRecurrence><t:StartDate>2026-03-16</t:StartDate></t:NoEndRecurrence>';
const yearly = weekly
  .replace(
    /<t:WeeklyRecurrence>.*<\/t:WeeklyRecurrence>/,
    '<t:RelativeYearlyRecurrence><t:DaysOfWeek>Friday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex><t:Month>March</t:Month></t:RelativeYearlyRecurrence>',
  )
  .replace(/<t:NumberedRecurrence>.*<\/t:NumberedRecurrence>/, noEnd);
const rich = `<t:Subject>Ægir &amp; co</t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Body BodyType="HTML">&lt;b&gt;x&lt;/b&gt;</t:Body><t:Categories><t:String>a</t:String></t:Categories><t:ReminderIsSet>true</t:ReminderIsSet><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>${stamp('42')}${hour}<t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:Location>x</t:Location><t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@lockstep.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>`;

const bobsCalendar =
  '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>bob@lockstep.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';
const root = '<t:DistinguishedFolderId Id="msgfolderroot"/>';
const folderShape = '<m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape>';

export const calendarView = `<m:FindItem Traversal="Shallow">${idOnly}<m:CalendarView MaxEntriesReturned="50" StartDate="2026-03-01T00:00:00Z" EndDate="2026-05-01T00:00:00Z"/><m:ParentFolderIds>${calendar}</m:ParentFolderIds></m:FindItem>`;

/** Documents that are small to send and were, or could be, dear to read. */
export const monsters: Readonly<Record<string, () => string>> = {
  'many declarations, and many scopes in them': () =>
    `<a${numbered(' xmlns:p', '="b"')}>${'<b xmlns:c="d"/>'.repeat(2000)}</a>`,
  'many attributes': () => `<a${numbered(' p', '="b"')}/>`,
  ampersands: () => `<a>${'&'.repeat(2_000_000)}</a>`,
  references: () => `<a>${'&amp;'.repeat(300_000)}</a>`,
  comments: () => `<a>${'<!---->'.repeat(1_000_000)}</a>`,
  elements: () => `<a>${'x<b/>'.repeat(300_000)}</a>`,
  'start tags': () => '<a>'.repeat(2_000_000),
  'lines before an error': () => `${'\n'.repeat(2_000_000)}<a>`,
  'blanks in a value': () =>
    envelope('', createAppointment(stamp(`A${' '.repeat(1_000_000)}!`).replace('"String"', '"Binary"'))),
  'blanks in a cookie': () => envelope('', sync(`A${' '.repeat(1_000_000)}!`)),
  'digits in a value': () =>
    envelope('', createAppointment(stamp('9'.repeat(1_000_000)).replace('"String"', '"Integer"'))),
  'digits in an integer': () => envelope('', sync(undefined).replace('512', '9'.repeat(1_000_000))),
  ids: () => envelope('', getFolder(calendar.repeat(3000))),
  'many people in many small parts': () =>
    envelope('', availability({ who: Array(100).fill('alice@lockstep.test'), to: '2026-05-03T00:00:00', interval: 5 })),
  'a series without end, seen at its end': () => envelope('', calendarView.replaceAll('2026-', '4499-')),
};

const numbered = (before: string, after: string): string =>
  Array.from({ length: 100_000 }, (_, index) => before + index + after).join('');

/** Bodies of every operation. */
export function ewsBodies(tokens: Tokens): readonly string[] {
  const id = { Id: tokens.item, ChangeKey: tokens.changeKey };
  const written = `<t:ItemId Id="${tokens.item}" ChangeKey="${tokens.changeKey}"/>`;
  const master = `<t:ItemId Id="${tokens.master}"/>`;
  return [
    getFolder(),
    getFolder(bobsCalendar),
    getFolder(`<t:FolderId Id="${tokens.folder}"/>`),
    createAppointment(rich),
    createAppointment(weekly),
    createAppointment(yearly),
    `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="contacts"/></m:SavedItemFolderId><m:Items><t:Contact><t:FileAs>x</t:FileAs><t:GivenName>Ann</t:GivenName><t:CompanyName>Co</t:CompanyName><t:EmailAddresses><t:Entry Key="EmailAddress1">a@b.test</t:Entry></t:EmailAddresses><t:PhoneNumbers><t:Entry Key="MobilePhone">1</t:Entry></t:PhoneNumbers><t:Surname>Bee</t:Surname></t:Contact></m:Items></m:CreateItem>`,
    `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="tasks"/></m:SavedItemFolderId><m:Items><t:Task><t:Subject>do</t:Subject><t:DueDate>2026-03-02T00:00:00Z</t:DueDate><t:PercentComplete>50</t:PercentComplete><t:StartDate>2026-03-01T00:00:00Z</t:StartDate><t:Status>InProgress</t:Status></t:Task></m:Items></m:CreateItem>`,
    getItems([{ Id: tokens.item }, { Id: tokens.master }]),
    `<m:GetItem>${allProperties}<m:ItemIds><t:OccurrenceItemId RecurringMasterId="${tokens.master}" InstanceIndex="2"/></m:ItemIds></m:GetItem>`,
    update(written, setField('item:Subject', '<t:Subject>new</t:Subject>'), 'AlwaysOverwrite'),
    update(
      written,
      setField('calendar:Start', '<t:Start>2026-03-02T07:00:00Z</t:Start>') +
        '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Location"/></t:DeleteItemField>',
      'AutoResolve',
    ),
    update(
      master,
      setField('calendar:Recurrence', weekly.match(/<t:Recurrence>.*<\/t:Recurrence>/)?.[0] ?? ''),
      'AlwaysOverwrite',
    ),
    remove(id),
    `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds>${written}</m:ItemIds></m:MoveItem>`,
    sync(tokens.syncState, 100, calendar, allProperties),
    sync(undefined),
    `<m:SyncFolderHierarchy>${folderShape}<m:SyncFolderId>${root}</m:SyncFolderId><m:SyncState>${tokens.hierarchyState}</m:SyncState></m:SyncFolderHierarchy>`,
    `<m:FindFolder Traversal="Deep">${folderShape}<m:ParentFolderIds>${root}</m:ParentFolderIds></m:FindFolder>`,
    findByStamp('42'),
    calendarView,
    `<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>ali</m:UnresolvedEntry></m:ResolveNames>`,
    '<m:GetServerTimeZones ReturnFullTimeZoneData="true"><m:Ids><t:Id>W. Europe Standard Time</t:Id></m:Ids></m:GetServerTimeZones>',
    '<m:GetDelegate IncludePermissions="true"><m:Mailbox><t:EmailAddress>alice@lockstep.test</t:EmailAddress></m:Mailbox></m:GetDelegate>',
    availability({ who: ['alice@lockstep.test', 'bob@lockstep.test'] }),
    subscribe(),
    `<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>${calendar}</t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>`,
    `<m:GetEvents><m:SubscriptionId>${tokens.pull}</m:SubscriptionId><m:Watermark>${tokens.watermark}</m:Watermark></m:GetEvents>`,
    `<m:Unsubscribe><m:SubscriptionId>${tokens.streaming}</m:SubscriptionId></m:Unsubscribe>`,
    stream([tokens.streaming], 1),
  ];
}

/** Bodies whose tokens are spoiled; each token is in one of them. */
export function tokenBodies(tokens: Tokens): readonly string[] {
  return ewsBodies(tokens).filter((body) => Object.values(tokens).some((token) => body.includes(token)));
}

export const envelopeHeaders: readonly string[] = [
  '<t:RequestServerVersion Version="Exchange2013_SP1"/>',
  '<t:RequestServerVersion Version="Exchange2016"/><t:TimeZoneContext><t:TimeZoneDefinition Id="W. Europe Standard Time"/></t:TimeZoneContext>',
  '<t:RequestServerVersion Version="Exchange2013_SP1"/><t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>alice@lockstep.test</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>',
  '<t:MailboxCulture>nb-NO</t:MailboxCulture><t:DateTimePrecision>Milliseconds</t:DateTimePrecision>',
];

export const envelope = (header: string, body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><soap:Header>${header}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;

export const pox =
  '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>alice@lockstep.test</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>';

export const autodiscoverSoap =
  '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion><wsa:Action>http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings</wsa:Action><wsa:To>http://127.0.0.1/autodiscover/autodiscover.svc</wsa:To></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User><a:Mailbox>alice@lockstep.test</a:Mailbox></a:User></a:Users><a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>ShoeSize</a:Setting></a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>';
