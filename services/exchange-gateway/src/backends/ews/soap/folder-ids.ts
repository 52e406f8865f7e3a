// The folders that are asked for, by their well-known names, and the smallest set of properties.
import type { FolderName } from '@lockstep/contracts';
import { BasePropertySet, FolderId, Mailbox, PropertySet, WellKnownFolderName } from 'ews-javascript-api';
import type { Target } from './request-builder.ts';

const wellKnown = {
  calendar: WellKnownFolderName.Calendar,
  tasks: WellKnownFolderName.Tasks,
  contacts: WellKnownFolderName.Contacts,
} as const satisfies Record<FolderName, WellKnownFolderName>;

/** A folder of the target's mailbox. With delegation the address stands in the folder id. */
export function folderIdOf(target: Target, folder: FolderName): FolderId {
  return idIn(target, wellKnown[folder]);
}

export function deletedItemsOf(target: Target): FolderId {
  return idIn(target, WellKnownFolderName.DeletedItems);
}

function idIn(target: Target, name: WellKnownFolderName): FolderId {
  return target.kind === 'delegation' ? new FolderId(name, new Mailbox(target.address)) : new FolderId(name);
}

/** Only id and change key. */
export function idOnly(): PropertySet {
  return new PropertySet(BasePropertySet.IdOnly);
}
