// Rights that were given in a folder to another person: one level a person, as Outlook offers them.

export type PermissionLevel = 'None' | 'Reviewer' | 'Author' | 'Editor';

export interface FolderPermission {
  readonly level: PermissionLevel;
  /** Whether private items are shown too; one switch for all folders in Outlook, here by folder. */
  readonly viewPrivate: boolean;
}

/** By the address of the person, in small letters. */
export type FolderPermissions = Map<string, FolderPermission>;
