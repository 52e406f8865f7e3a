// Every operation, by the name of its request element: those that answer with response messages, and the others.

import { convertId } from './convert-id.ts';
import { copyItem } from './copy-item.ts';
import { createAttachment } from './create-attachment.ts';
import { createFolder } from './create-folder.ts';
import { createItem } from './create-item.ts';
import { deleteAttachment } from './delete-attachment.ts';
import { deleteFolder } from './delete-folder.ts';
import { deleteItem } from './delete-item.ts';
import { findFolderOperation } from './find-folder.ts';
import { findItemOperation } from './find-item.ts';
import { getAttachment } from './get-attachment.ts';
import { getDelegate } from './get-delegate.ts';
import { getEvents } from './get-events.ts';
import { getFolder } from './get-folder.ts';
import { getItem } from './get-item.ts';
import { getServerTimeZones } from './get-server-time-zones.ts';
import { getUserAvailability } from './get-user-availability.ts';
import { getUserConfiguration } from './get-user-configuration.ts';
import { getUserPhoto } from './get-user-photo.ts';
import { moveFolder } from './move-folder.ts';
import { moveItem } from './move-item.ts';
import type { Operation, WholeAnswer } from './operation.ts';
import { resolveNames } from './resolve-names.ts';
import { subscribe } from './subscribe.ts';
import { syncFolderHierarchy } from './sync-folder-hierarchy.ts';
import { syncFolderItems } from './sync-folder-items.ts';
import { unsubscribe } from './unsubscribe.ts';
import { updateFolder } from './update-folder.ts';
import { updateItem } from './update-item.ts';

const all: readonly Operation[] = [
  createAttachment,
  deleteAttachment,
  getAttachment,
  createItem,
  getUserConfiguration,
  moveFolder,
  deleteFolder,
  updateFolder,
  createFolder,
  copyItem,
  convertId,
  deleteItem,
  findFolderOperation,
  findItemOperation,
  getEvents,
  getFolder,
  getItem,
  getServerTimeZones,
  moveItem,
  resolveNames,
  subscribe,
  syncFolderHierarchy,
  syncFolderItems,
  unsubscribe,
  updateItem,
];

export const operations: ReadonlyMap<string, Operation> = new Map(all.map((each) => [each.name, each]));

export const wholeAnswers: ReadonlyMap<string, WholeAnswer> = new Map([
  ['GetDelegate', getDelegate],
  ['GetUserAvailabilityRequest', getUserAvailability],
  ['GetUserPhoto', getUserPhoto],
]);
