// The operations about a folder: that it is there with our rights in it, and what changed in it.
import type { exchange } from '@lockstep/contracts';
import type { Mailboxes } from '../mailboxes.ts';
import { forMailbox, type Handler } from './handler.ts';

export function getFolder(mailboxes: Mailboxes): Handler<typeof exchange.getFolder> {
  return forMailbox(mailboxes, ({ backend, ask }, { folder }) => backend.getFolder(ask, folder));
}

export function syncFolderItems(mailboxes: Mailboxes): Handler<typeof exchange.syncFolderItems> {
  return forMailbox(mailboxes, ({ backend, ask }, { folder, syncState, maxChanges }) =>
    backend.changesSince(ask, folder, syncState, maxChanges),
  );
}
