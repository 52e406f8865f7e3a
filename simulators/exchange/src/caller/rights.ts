// What a caller may do in a folder. His own mailbox, or the one he impersonates, is all his; everything else needs a right.
import type { Folder } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { PermissionLevel } from '../store/permissions.ts';
import type { Caller } from './call-context.ts';

export interface Rights {
  /** Whether the folder exists for the caller at all. */
  readonly visible: boolean;
  readonly read: boolean;
  readonly create: boolean;
  /** Of everything in the folder; an author may change and delete what he made himself. */
  readonly modify: boolean;
  readonly delete: boolean;
  readonly own: boolean;
  readonly viewPrivate: boolean;
}

const nothing = {
  visible: false,
  read: false,
  create: false,
  modify: false,
  delete: false,
  own: false,
  viewPrivate: false,
};
export const fullRights: Rights = {
  visible: true,
  read: true,
  create: true,
  modify: true,
  delete: true,
  own: true,
  viewPrivate: true,
};

const levels: Readonly<Record<PermissionLevel, Rights>> = {
  None: nothing,
  Reviewer: { ...nothing, visible: true, read: true },
  Author: { ...nothing, visible: true, read: true, create: true, own: true },
  Editor: { ...fullRights, viewPrivate: false },
};

export function rightsOf(caller: Caller, mailbox: Mailbox, folder: Folder): Rights {
  if (caller.mailbox === mailbox) return fullRights;
  const who = nameOf(caller);
  const given = folder.permissions.get(who);
  if (given === undefined) return leadsTo(who, mailbox, folder) ? { ...nothing, visible: true } : nothing;
  return { ...levels[given.level], viewPrivate: given.viewPrivate };
}

/** What a question for free and busy times shows: everybody may see times, unless he is shut out; who may read sees what it is. */
export function freeBusyRights(
  caller: Caller,
  mailbox: Mailbox,
): { readonly shows: 'nothing' | 'times' | 'details'; readonly viewPrivate: boolean } {
  const calendar = mailbox.folder('calendar');
  const { read, viewPrivate } = rightsOf(caller, mailbox, calendar);
  if (read) return { shows: 'details', viewPrivate };
  const shutOut = calendar.permissions.get(nameOf(caller))?.level === 'None';
  return { shows: shutOut ? 'nothing' : 'times', viewPrivate: false };
}

function nameOf(caller: Caller): string {
  return (caller.mailbox?.identity.address ?? caller.account.address).toLowerCase();
}

/** Whoever has rights in some folder sees the way to it, as sharing it in Outlook arranges; nothing of what lies there. */
function leadsTo(who: string, mailbox: Mailbox, { distinguishedName }: Folder): boolean {
  if (distinguishedName !== 'root' && distinguishedName !== 'msgfolderroot') return false;
  return [...mailbox.folders.values()].some((each) => (each.permissions.get(who)?.level ?? 'None') !== 'None');
}

/** Whether something that this author made may be written. */
export function mayWrite(rights: Rights, how: 'modify' | 'delete', author: string, self: string): boolean {
  return rights[how] || (rights.own && author === self);
}

/** The content of `t:EffectiveRights`. */
export function writeRights(rights: Rights): string {
  const flags: readonly (readonly [string, boolean])[] = [
    ['CreateAssociated', rights === fullRights],
    ['CreateContents', rights.create],
    ['CreateHierarchy', rights === fullRights],
    ['Delete', rights.delete],
    ['Modify', rights.modify],
    ['Read', rights.read],
    ['ViewPrivateItems', rights.viewPrivate],
  ];
  return flags.map(([name, value]) => `<t:${name}>${value}</t:${name}>`).join('');
}
