// Request bodies that the tests send.
import type { ItemId } from './ews-client.ts';
import { writeItemId } from './ews-client.ts';

export const calendar = '<t:DistinguishedFolderId Id="calendar"/>';
export const idOnly = '<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>';
export const allProperties = '<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>';

export const getFolder = (folder = calendar): string =>
  `<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds>${folder}</m:FolderIds></m:GetFolder>`;

export const createAppointment = (fields: string, folder = calendar): string =>
  `<m:CreateItem SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>${folder}</m:SavedItemFolderId><m:Items><t:CalendarItem>${fields}</t:CalendarItem></m:Items></m:CreateItem>`;

export const hour = '<t:Start>2026-03-02T08:00:00Z</t:Start><t:End>2026-03-02T09:00:00Z</t:End>';

export const getItems = (items: readonly Pick<ItemId, 'Id'>[], shape = allProperties): string =>
  `<m:GetItem>${shape}<m:ItemIds>${items.map(({ Id }) => `<t:ItemId Id="${Id}"/>`).join('')}</m:ItemIds></m:GetItem>`;

export const sync = (state: string | undefined, max = 512, folder = calendar, shape = idOnly): string =>
  `<m:SyncFolderItems>${shape}<m:SyncFolderId>${folder}</m:SyncFolderId>${state === undefined ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;

export const setField = (uri: string, value: string, kind = 'CalendarItem'): string =>
  `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:${kind}>${value}</t:${kind}></t:SetItemField>`;

export const update = (item: string, updates: string, resolution = 'NeverOverwrite'): string =>
  `<m:UpdateItem ConflictResolution="${resolution}" MessageDisposition="SaveOnly" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange>${item}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;

export const remove = (item: ItemId, type = 'MoveToDeletedItems'): string =>
  `<m:DeleteItem DeleteType="${type}" SendMeetingCancellations="SendToNone" AffectedTaskOccurrences="AllOccurrences"><m:ItemIds>${writeItemId(item)}</m:ItemIds></m:DeleteItem>`;

const eventTypes = ['CreatedEvent', 'ModifiedEvent', 'DeletedEvent', 'MovedEvent', 'FreeBusyChangedEvent'];

export const subscribe = (types: readonly string[] = eventTypes, folder = calendar): string =>
  `<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds>${folder}</t:FolderIds><t:EventTypes>${types.map((type) => `<t:EventType>${type}</t:EventType>`).join('')}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`;

export const subscribeToPush = (url: string, minutes = 30, types: readonly string[] = ['CreatedEvent']): string =>
  `<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>${calendar}</t:FolderIds><t:EventTypes>${types.map((type) => `<t:EventType>${type}</t:EventType>`).join('')}</t:EventTypes><t:StatusFrequency>${minutes}</t:StatusFrequency><t:URL>${url}</t:URL></m:PushSubscriptionRequest></m:Subscribe>`;

export const stream = (ids: readonly string[], minutes = 30): string =>
  `<m:GetStreamingEvents><m:SubscriptionIds>${ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('')}</m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents>`;

const stampPath =
  '<t:ExtendedFieldURI PropertySetId="c11ff724-aa03-4555-9952-8fa248a11c3e" PropertyName="SuperOfficeId" PropertyType="String"/>';

export const stamp = (value: string): string =>
  `<t:ExtendedProperty>${stampPath}<t:Value>${value}</t:Value></t:ExtendedProperty>`;

export const findByStamp = (value: string): string =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${stampPath}</t:AdditionalProperties></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned="10" Offset="0" BasePoint="Beginning"/><m:Restriction><t:IsEqualTo>${stampPath}<t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction><m:ParentFolderIds>${calendar}</m:ParentFolderIds></m:FindItem>`;

/** Central Europe, as a client of Exchange 2007 describes it. */
export const europe =
  '<t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>';

export interface AvailabilityQuestion {
  readonly who?: readonly string[];
  readonly zone?: string;
  readonly from?: string;
  readonly to?: string;
  readonly view?: string;
  readonly interval?: number;
  readonly more?: string;
}

export function availability({
  who = ['alice@lockstep.test'],
  zone = europe,
  ...asked
}: AvailabilityQuestion = {}): string {
  const { from = '2026-03-02T00:00:00', to = '2026-03-03T00:00:00', view = 'DetailedMerged', interval = 60 } = asked;
  const mailboxes = who.map(
    (address) =>
      `<t:MailboxData><t:Email><t:Address>${address}</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData>`,
  );
  const options = `<t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>${from}</t:StartTime><t:EndTime>${to}</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>${interval}</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>${view}</t:RequestedView></t:FreeBusyViewOptions>`;
  return `<m:GetUserAvailabilityRequest>${zone}<m:MailboxDataArray>${mailboxes.join('')}</m:MailboxDataArray>${options}${asked.more ?? ''}</m:GetUserAvailabilityRequest>`;
}
