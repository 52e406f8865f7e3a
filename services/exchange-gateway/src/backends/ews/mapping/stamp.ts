// The named property that marks an item of ours: link id and mailbox key, `<linkId>/<mailbox key>`. It travels when a user copies
// an item, so that it counts only in its own mailbox (docs/architecture.md §7).
import type { LinkId, Stamp } from '@lockstep/contracts';
import { ExtendedPropertyDefinition, Guid, MapiPropertyType } from 'ews-javascript-api';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';

export const stampPropertySetId = '6f1c2b1e-6c1a-4d6e-9d0f-3c5a5b0e7a21';
export const stampPropertyName = 'LockstepLink';

/** The definition of the property, for reading, writing and searching. */
export function stampProperty(): ExtendedPropertyDefinition {
  return new ExtendedPropertyDefinition(new Guid(stampPropertySetId), stampPropertyName, MapiPropertyType.String);
}

export function stampText(stamp: Stamp): string {
  return `${stamp.linkId}/${stamp.mailbox}`;
}

/** What every stamp of this link begins with, whatever mailbox it names. */
export function stampPrefix(linkId: LinkId): string {
  return `${linkId}/`;
}

/** The stamp of an item as read; undefined when it bears none or one that is not ours. */
export function stampOf(item: XmlElement): Stamp | undefined {
  const property = item.children.find(
    (child) => child.name === 'ExtendedProperty' && isStamp(childOf(child, 'ExtendedFieldURI')),
  );
  const [linkId = '', mailbox = '', ...rest] = (textOf(property, 'Value') ?? '').split('/');
  return linkId === '' || mailbox === '' || rest.length > 0 ? undefined : { linkId: linkId as LinkId, mailbox };
}

function isStamp(uri: XmlElement | undefined): boolean {
  return (
    uri?.attributes['PropertyName'] === stampPropertyName &&
    uri.attributes['PropertySetId']?.toLowerCase() === stampPropertySetId
  );
}
