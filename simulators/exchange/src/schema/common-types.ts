// The element types that many requests share: ids, shapes, paths, restrictions, time zones.
import { distinguishedFolderNames, fieldUris, indexedFieldUris } from './field-names.ts';
import {
  allowed,
  any,
  type ElementType,
  empty,
  one,
  open,
  optional,
  required,
  sequence,
  some,
  text,
} from './schema.ts';
import { anyText, boolean, dateTime, guid, integer, nonEmptyText, oneOf, propertyTag } from './simple-types.ts';

export const emailAddress: ElementType = sequence([
  optional({ 't:Name': text(anyText) }),
  optional({ 't:EmailAddress': text(nonEmptyText) }),
  optional({ 't:RoutingType': text(nonEmptyText) }),
  optional({
    't:MailboxType': text(
      oneOf(
        'Unknown OneOff Mailbox PublicDL PrivateDL Contact PublicFolder GroupMailbox ImplicitContact LinkedPerson AADGroup User',
      ),
    ),
  }),
  optional({ 't:ItemId': () => itemId }),
  optional({ 't:OriginalDisplayName': text(anyText) }),
]);

export const itemId: ElementType = empty({ Id: required(anyText), ChangeKey: allowed(anyText) });
export const folderId: ElementType = itemId;
export const distinguishedFolderId: ElementType = sequence([optional({ 't:Mailbox': emailAddress })], {
  Id: required(oneOf(distinguishedFolderNames)),
  ChangeKey: allowed(anyText),
});

export const targetFolderId: ElementType = sequence([
  one({ 't:FolderId': folderId, 't:DistinguishedFolderId': distinguishedFolderId }),
]);
export const folderIds: ElementType = sequence([
  some({ 't:FolderId': folderId, 't:DistinguishedFolderId': distinguishedFolderId }),
]);

export const occurrenceItemId: ElementType = empty({
  RecurringMasterId: required(anyText),
  ChangeKey: allowed(anyText),
  InstanceIndex: required(integer()),
});
export const recurringMasterItemId: ElementType = empty({
  OccurrenceId: required(anyText),
  ChangeKey: allowed(anyText),
});
const anyItemId = {
  't:ItemId': itemId,
  't:OccurrenceItemId': occurrenceItemId,
  't:RecurringMasterItemId': recurringMasterItemId,
};
export const itemIds: ElementType = sequence([some(anyItemId)]);
export const oneItemId = one(anyItemId);

const mapiTypes =
  'ApplicationTime ApplicationTimeArray Binary BinaryArray Boolean CLSID CLSIDArray Currency CurrencyArray Double DoubleArray Error Float FloatArray Integer IntegerArray Long LongArray Null Object ObjectArray Short ShortArray SystemTime SystemTimeArray String StringArray';

export const extendedFieldUri: ElementType = empty({
  DistinguishedPropertySetId: allowed(
    oneOf(
      'Meeting Appointment Common PublicStrings Address InternetHeaders CalendarAssistant UnifiedMessaging Task Sharing',
    ),
  ),
  PropertySetId: allowed(guid),
  PropertyTag: allowed(propertyTag),
  PropertyName: allowed(anyText),
  PropertyId: allowed(integer()),
  PropertyType: required(oneOf(mapiTypes)),
});

/** The three ways to name a property. */
export const path = {
  't:FieldURI': empty({ FieldURI: required(oneOf(fieldUris)) }),
  't:IndexedFieldURI': empty({ FieldURI: required(oneOf(indexedFieldUris)), FieldIndex: required(anyText) }),
  't:ExtendedFieldURI': extendedFieldUri,
} as const;

export const extendedProperty: ElementType = sequence([
  one({ 't:ExtendedFieldURI': extendedFieldUri }),
  one({ 't:Value': text(anyText), 't:Values': sequence([some({ 't:Value': text(anyText) })]) }),
]);

const additionalProperties = optional({ 't:AdditionalProperties': sequence([some(path)]) });
const baseShape = one({ 't:BaseShape': text(oneOf('IdOnly Default AllProperties PcxPeopleSearch')) });
const bodyKind = text(oneOf('Best HTML Text'));

export const folderShape: ElementType = sequence([baseShape, additionalProperties]);
export const itemShape: ElementType = sequence([
  baseShape,
  optional({ 't:IncludeMimeContent': text(boolean) }),
  optional({ 't:BodyType': bodyKind }),
  optional({ 't:UniqueBodyType': bodyKind }),
  optional({ 't:NormalizedBodyType': bodyKind }),
  optional({ 't:FilterHtmlContent': text(boolean) }),
  optional({ 't:ConvertHtmlCodePageToUTF8': text(boolean) }),
  optional({ 't:InlineImageUrlTemplate': text(anyText) }),
  optional({ 't:BlockExternalImages': text(boolean) }),
  optional({ 't:AddBlankTargetToLinks': text(boolean) }),
  optional({ 't:MaximumBodySize': text(integer()) }),
  additionalProperties,
]);

export const attachmentShape: ElementType = sequence([
  optional({ 't:IncludeMimeContent': text(boolean) }),
  optional({ 't:BodyType': bodyKind }),
  optional({ 't:FilterHtmlContent': text(boolean) }),
  additionalProperties,
]);

const constant = empty({ Value: required(anyText) });
const twoOperands: ElementType = sequence([
  one(path),
  one({ 't:FieldURIOrConstant': sequence([one({ ...path, 't:Constant': constant })]) }),
]);
const several = (): ElementType => sequence([some(searchExpressions)]);
const searchExpressions: Readonly<Record<string, ElementType | (() => ElementType)>> = {
  't:Exists': sequence([one(path)]),
  't:Excludes': sequence([one(path), one({ 't:Bitmask': empty({ Value: required(anyText) }) })]),
  't:IsEqualTo': twoOperands,
  't:IsNotEqualTo': twoOperands,
  't:IsGreaterThan': twoOperands,
  't:IsGreaterThanOrEqualTo': twoOperands,
  't:IsLessThan': twoOperands,
  't:IsLessThanOrEqualTo': twoOperands,
  't:Contains': sequence([one(path), one({ 't:Constant': constant })], {
    ContainmentMode: allowed(oneOf('FullString Prefixed Substring PrefixOnWords ExactPhrase')),
    ContainmentComparison: allowed(
      oneOf(
        'Exact IgnoreCase IgnoreNonSpacingCharacters Loose IgnoreCaseAndNonSpacingCharacters LooseAndIgnoreCase LooseAndIgnoreNonSpace LooseAndIgnoreCaseAndIgnoreNonSpace',
      ),
    ),
  }),
  't:Not': (): ElementType => sequence([one(searchExpressions)]),
  't:And': several,
  't:Or': several,
};
export const restriction: ElementType = sequence([one(searchExpressions)]);
export const sortOrder: ElementType = sequence([
  some({ 't:FieldOrder': sequence([one(path)], { Order: required(oneOf('Ascending Descending')) }) }),
]);

const paging = { MaxEntriesReturned: allowed(integer()) };
export const indexedPage: ElementType = empty({
  ...paging,
  Offset: required(integer()),
  BasePoint: required(oneOf('Beginning End')),
});
export const fractionalPage: ElementType = empty({
  ...paging,
  Numerator: required(integer()),
  Denominator: required(integer()),
});
export const calendarView: ElementType = empty({
  ...paging,
  StartDate: required(dateTime),
  EndDate: required(dateTime),
});

/** A zone by its Windows id; a client may send its rules along, which are not looked at. */
export const timeZoneDefinition: ElementType = sequence(
  [any({ 't:Periods': open, 't:TransitionsGroups': open, 't:Transitions': open })],
  { Id: allowed(anyText), Name: allowed(anyText) },
);
