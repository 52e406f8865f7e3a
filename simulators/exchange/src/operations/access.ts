// What a caller may do in a folder. His own mailbox, or the one he impersonates, is all his; everything else needs a right.
import type { Folder } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Caller } from './call-context.ts';

export interface Rights {
  /** Whether the folder exists for the caller at all. */
  readonly visible: boolean;
  readonly read: boolean;
  readonly create: boolean;
  readonly modify: boolean;
  readonly delete: boolean;
  readonly viewPrivate: boolean;
}

const all = { visible: true, read: true, create: true, modify: true, delete: true, viewPrivate: true };
export const fullRights: Rights = all;
const noRights: Rights = {
  visible: false,
  read: false,
  create: false,
  modify: false,
  delete: false,
  viewPrivate: false,
};

export function rightsOf(caller: Caller, mailbox: Mailbox, _folder: Folder): Rights {
  if (caller.mailbox === mailbox) return fullRights;
  return noRights;
}

/** The content of `t:EffectiveRights`. */
export function writeRights(rights: Rights): string {
  const flags: readonly (readonly [string, boolean])[] = [
    ['CreateAssociated', rights.create],
    ['CreateContents', rights.create],
    ['CreateHierarchy', rights === fullRights],
    ['Delete', rights.delete],
    ['Modify', rights.modify],
    ['Read', rights.read],
    ['ViewPrivateItems', rights.viewPrivate],
  ];
  return flags.map(([name, value]) => `<t:${name}>${value}</t:${name}>`).join('');
}
