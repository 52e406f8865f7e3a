// The folders of a new mailbox, parents first. Names are what an English Outlook shows.

export interface StandardFolder {
  readonly name: string;
  readonly displayName: string;
  readonly folderClass: string;
  readonly parent: string | undefined;
}

const under = (parent: string, name: string, displayName: string, folderClass = 'IPF.Note'): StandardFolder => ({
  name,
  displayName,
  folderClass,
  parent,
});

export const standardFolders: readonly StandardFolder[] = [
  { name: 'root', displayName: '', folderClass: '', parent: undefined },
  under('root', 'msgfolderroot', 'Top of Information Store', 'IPF.Note'),
  under('root', 'recoverableitemsroot', 'Recoverable Items', 'IPF.Note'),
  under('recoverableitemsroot', 'recoverableitemsdeletions', 'Deletions', 'IPF.Note'),
  under('msgfolderroot', 'calendar', 'Calendar', 'IPF.Appointment'),
  under('msgfolderroot', 'contacts', 'Contacts', 'IPF.Contact'),
  under('msgfolderroot', 'deleteditems', 'Deleted Items'),
  under('msgfolderroot', 'drafts', 'Drafts'),
  under('msgfolderroot', 'inbox', 'Inbox'),
  under('msgfolderroot', 'journal', 'Journal', 'IPF.Journal'),
  under('msgfolderroot', 'junkemail', 'Junk Email'),
  under('msgfolderroot', 'notes', 'Notes', 'IPF.StickyNote'),
  under('msgfolderroot', 'outbox', 'Outbox'),
  under('msgfolderroot', 'sentitems', 'Sent Items'),
  under('msgfolderroot', 'tasks', 'Tasks', 'IPF.Task'),
];
