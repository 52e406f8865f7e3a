// Where a folder may be: a name comes once under each parent, and the folders that every mailbox has stay where they are.
import type { FoundFolder } from '../caller/find-objects.ts';
import { fullRights } from '../caller/rights.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Folder } from '../store/folder.ts';

/** Folders are made and changed by the owner of the mailbox alone. @throws EwsError */
export function refuseOthers({ rights }: FoundFolder): void {
  if (rights !== fullRights) throw new EwsError('ErrorAccessDenied');
}

/** @throws EwsError when another folder there has the name */
export function refuseTaken(parent: Folder, name: string, self?: Folder): void {
  const key = name.toLowerCase();
  if (parent.children.some((each) => each !== self && each.displayName.toLowerCase() === key)) {
    throw new EwsError('ErrorFolderExists', 'A folder with the specified name already exists.');
  }
}

/** @throws EwsError for a target that is the folder itself or lies below it */
export function refuseCircle(folder: Folder, target: Folder): void {
  for (const each of folder.tree()) if (each === target) throw new EwsError('ErrorMoveCopyFailed');
}
