// What speaks for a delete of an item that was not found: its folder could be read just now, with the rights that we need, and an
// item with its stamp lies in Deleted Items. The id says nothing there: a move gives another one.
import { type Evidence, type ItemKind, kinds, type Outcome, type Stamp, success } from '@lockstep/contracts';
import { SearchFilter } from 'ews-javascript-api';
import type { Ask } from '../../../backend.ts';
import type { Parts } from '../calls/parts.ts';
import { stampProperty, stampText } from '../mapping/stamp.ts';
import { deletedItemsOf } from '../soap/folder-ids.ts';
import { findIn } from './find-by-stamp.ts';
import { getFolder } from './get-folder.ts';

export async function evidence(parts: Parts, ask: Ask, kind: ItemKind, stamp: Stamp): Promise<Outcome<Evidence>> {
  const filter = new SearchFilter.IsEqualTo(stampProperty(), stampText(stamp));
  const [folder, deleted] = await Promise.all([
    getFolder(parts, ask, kinds[kind].folder),
    findIn(parts, ask, kind, deletedItemsOf, filter),
  ]);
  if (!folder.ok) return folder;
  const { read, create, modify, delete: mayDelete } = folder.value.rights;
  const readable = read && create && modify && mayDelete;
  if (deleted.ok) return success({ readable, deleteRecord: deleted.value.length > 0 ? 'found' : 'none' });
  return notToBeRead.has(deleted.error.code) ? success({ readable, deleteRecord: 'unreadable' }) : deleted;
}

/** A delegate mostly has no rights there. */
const notToBeRead: ReadonlySet<string> = new Set(['exchange-access-denied', 'exchange-folder-missing']);
