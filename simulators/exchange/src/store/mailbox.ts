// A mailbox: folders and items, and every way in which they change. Each change takes a new version, enters the change log
// of its folder and is told to the listener; there is no other way to write.

import { Folder, type Item, type Tombstone } from './folder.ts';
import type { Attachment, ExtendedProperty, OccurrenceException } from './item.ts';
import type { MailboxEvent } from './mailbox-event.ts';
import type { Photos } from './photos.ts';
import type { Serials } from './serials.ts';
import { standardFolders } from './standard-folders.ts';
import { uidOf } from './uid.ts';
import type { ItemKind } from './values.ts';

export interface MailboxIdentity {
  readonly guid: string;
  readonly address: string;
  readonly displayName: string;
  /** Windows id of the zone in which the person lives. */
  readonly timeZone: string;
}

export interface StoreContext {
  readonly serials: Serials;
  readonly nowMs: () => number;
  readonly onEvent: (mailbox: Mailbox, event: MailboxEvent) => void;
  readonly maxTombstones: number;
}

/** The content of an item to create. */
export interface ItemDraft {
  readonly kind: ItemKind;
  readonly values: Item['values'];
  readonly extended: readonly ExtendedProperty[];
  readonly attachments?: readonly Attachment[] | undefined;
}

/** What a change sets. Only what is given is replaced. */
export interface ItemChange {
  readonly values: Item['values'];
  readonly extended: readonly ExtendedProperty[];
  readonly exceptions?: readonly OccurrenceException[] | undefined;
  readonly deletions?: readonly number[] | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly lastAttachment?: number | undefined;
  /** Names of the properties and keys of the extended ones that were written. */
  readonly touched: readonly string[];
}

export class Mailbox {
  readonly identity: MailboxIdentity;
  readonly folders = new Map<number, Folder>();
  readonly distinguished = new Map<string, Folder>();
  readonly items = new Map<number, Item>();
  readonly #context: StoreContext;
  readonly aliases: string[] = [];
  /** Folders that are gone. */
  folderTombstones: Tombstone[] = [];
  photos: Photos = {};

  constructor(identity: MailboxIdentity, context: StoreContext) {
    this.identity = identity;
    this.#context = context;
  }

  /** Makes the folders that every mailbox has. */
  addStandardFolders(): void {
    for (const { name, displayName, folderClass, parent } of standardFolders) {
      this.addFolder({
        serial: this.#context.serials.next(),
        distinguishedName: name,
        displayName,
        folderClass,
        parent: parent === undefined ? undefined : this.folder(parent),
        createdAt: this.#context.serials.next(),
      });
    }
  }

  addFolder(seed: ConstructorParameters<typeof Folder>[0]): Folder {
    const folder = new Folder(seed, this.#context.maxTombstones);
    this.folders.set(folder.serial, folder);
    if (folder.distinguishedName !== undefined) this.distinguished.set(folder.distinguishedName, folder);
    return folder;
  }

  /** A folder that every mailbox has. */
  folder(name: string): Folder {
    const folder = this.distinguished.get(name);
    if (folder === undefined) throw new Error(`A mailbox has no folder '${name}'.`);
    return folder;
  }

  create(folder: Folder, draft: ItemDraft, author: string): Item {
    const item = this.#make(folder, draft, author);
    this.put(item);
    this.#tell({ kind: 'created', item, folder });
    return item;
  }

  #make(folder: Folder, draft: ItemDraft, author: string): Item {
    const serial = this.#context.serials.next();
    const nowMs = this.#context.nowMs();
    return {
      kind: draft.kind,
      serial,
      birth: serial,
      folder,
      entered: serial,
      changed: serial,
      createdBy: author,
      createdAtMs: nowMs,
      modifiedAtMs: nowMs,
      modifiedBy: author,
      values: draft.values,
      extended: draft.extended,
      ...(draft.attachments === undefined || draft.attachments.length === 0
        ? {}
        : { attachments: draft.attachments, lastAttachment: draft.attachments.length }),
    };
  }

  /** Stores an item as it is: used by `create` and when a snapshot is loaded. */
  put(item: Item): void {
    item.folder.add(item);
    this.items.set(item.serial, item);
  }

  change(item: Item, change: ItemChange, author: string): void {
    const version = this.#context.serials.next();
    item.values = change.values;
    item.extended = change.extended;
    if (change.exceptions !== undefined) item.exceptions = change.exceptions;
    if (change.deletions !== undefined) item.deletions = change.deletions;
    if (change.attachments !== undefined) item.attachments = change.attachments;
    if (change.lastAttachment !== undefined) item.lastAttachment = change.lastAttachment;
    item.written ??= {};
    for (const name of change.touched) item.written[name] = version;
    item.changed = version;
    item.modifiedAtMs = this.#context.nowMs();
    item.modifiedBy = author;
    item.folder.changed = version;
    this.#tell({ kind: 'modified', item, folder: item.folder });
  }

  /** The appointment of that UID in the calendar, given or computed. */
  appointmentByUid(uid: string): Item | undefined {
    for (const item of this.folder('calendar').items.values()) {
      if (uidOf(this.identity.guid, item) === uid) return item;
    }
    return undefined;
  }

  /** Another one with the same content, which has an id of its own. */
  copy(item: Item, target: Folder, author: string): Item {
    const { kind, values, extended, exceptions, deletions, attachments, lastAttachment } = item;
    const copied = this.#make(target, { kind, values: { ...values }, extended }, author);
    if (exceptions !== undefined) copied.exceptions = exceptions;
    if (deletions !== undefined) copied.deletions = deletions;
    if (attachments !== undefined) copied.attachments = attachments;
    if (lastAttachment !== undefined) copied.lastAttachment = lastAttachment;
    if (kind === 'CalendarItem') copied.values['UID'] = uidOf(this.identity.guid, item);
    this.put(copied);
    this.#tell({ kind: 'copied', item: copied, folder: target, from: item.folder, oldSerial: item.serial });
    return copied;
  }

  /** Moves it; the id is another one afterwards, the content and the UID are the same. */
  move(item: Item, target: Folder): void {
    const from = item.folder;
    const oldSerial = item.serial;
    const version = this.#context.serials.next();
    from.remove(item, version);
    this.items.delete(oldSerial);
    item.serial = this.#context.serials.next();
    item.folder = target;
    item.entered = item.serial;
    item.changed = item.serial;
    item.modifiedAtMs = this.#context.nowMs();
    this.put(item);
    this.#tell({ kind: 'moved', item, folder: target, from, oldSerial });
  }

  /** Deletes it for good. */
  destroy(item: Item): void {
    const version = this.#context.serials.next();
    item.folder.remove(item, version);
    this.items.delete(item.serial);
    this.#tell({ kind: 'deleted', item, folder: item.folder });
  }

  createFolder(parent: Folder, displayName: string, folderClass: string): Folder {
    const serial = this.#context.serials.next();
    const seed = { serial, distinguishedName: undefined, displayName, folderClass, parent, createdAt: serial };
    const folder = this.addFolder(seed);
    this.#tell({ kind: 'folderCreated', folder });
    return folder;
  }

  changeFolder(folder: Folder, change: Partial<Pick<Folder, 'displayName' | 'extended'>>): void {
    Object.assign(folder, change);
    folder.changed = this.#context.serials.next();
    this.#tell({ kind: 'folderModified', folder });
  }

  moveFolder(folder: Folder, parent: Folder): void {
    const from = folder.parent ?? parent;
    folder.placeUnder(parent);
    folder.changed = this.#context.serials.next();
    this.#tell({ kind: 'folderMoved', folder, from });
  }

  /** Deletes it for good, with everything in it and below it. */
  destroyFolder(folder: Folder): void {
    for (const each of [...folder.tree()].reverse()) {
      for (const item of [...each.items.values()]) this.destroy(item);
      const changed = this.#context.serials.next();
      this.folders.delete(each.serial);
      this.folderTombstones.push({ serial: each.serial, entered: each.created, changed });
      if (this.folderTombstones.length > this.#context.maxTombstones) this.folderTombstones.shift();
      this.#tell({ kind: 'folderDeleted', folder: each });
      each.leave();
    }
  }

  #tell(event: MailboxEvent): void {
    this.#context.onEvent(this, event);
  }
}
