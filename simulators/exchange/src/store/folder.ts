// A folder: its items, and what was removed from it, so that a client can be told however long ago it asked last.
import type { ExtendedProperty, StoredItem } from './item.ts';
import type { FolderPermissions } from './permissions.ts';

/** An item in its place. */
export interface Item extends StoredItem {
  folder: Folder;
}

/** An item that left the folder. */
export interface Tombstone {
  readonly serial: number;
  readonly entered: number;
  readonly changed: number;
}

export interface FolderSeed {
  readonly serial: number;
  readonly distinguishedName: string | undefined;
  readonly displayName: string;
  readonly folderClass: string;
  readonly parent: Folder | undefined;
  readonly createdAt: number;
}

export class Folder {
  readonly serial: number;
  readonly distinguishedName: string | undefined;
  readonly folderClass: string;
  parent: Folder | undefined;
  readonly created: number;
  readonly items = new Map<number, Item>();
  readonly children: Folder[] = [];
  readonly permissions: FolderPermissions = new Map();
  readonly #maxTombstones: number;
  displayName: string;
  /** Properties outside of the schema. */
  extended: readonly ExtendedProperty[] = [];
  changed: number;
  tombstones: Tombstone[] = [];
  /** Changes up to here can no longer be told completely, because tombstones were dropped. */
  forgotten = 0;

  constructor(seed: FolderSeed, maxTombstones: number) {
    this.serial = seed.serial;
    this.distinguishedName = seed.distinguishedName;
    this.displayName = seed.displayName;
    this.folderClass = seed.folderClass;
    this.parent = seed.parent;
    this.created = seed.createdAt;
    this.changed = seed.createdAt;
    this.#maxTombstones = maxTombstones;
    seed.parent?.children.push(this);
  }

  /** Hangs it under another one. */
  placeUnder(parent: Folder): void {
    this.leave();
    this.parent = parent;
    parent.children.push(this);
  }

  /** Takes it out of the one that it is in. */
  leave(): void {
    const siblings = this.parent?.children ?? [];
    const place = siblings.indexOf(this);
    if (place !== -1) siblings.splice(place, 1);
  }

  add(item: Item): void {
    this.items.set(item.serial, item);
    this.changed = item.changed;
  }

  /** Takes an item out and remembers it as of that position. */
  remove(item: Item, at: number): void {
    this.items.delete(item.serial);
    this.changed = at;
    this.tombstones.push({ serial: item.serial, entered: item.entered, changed: at });
    if (this.tombstones.length <= this.#maxTombstones) return;
    this.forgotten = Math.max(this.forgotten, this.tombstones.shift()?.changed ?? 0);
  }

  /** Itself and everything below it. */
  *tree(): Generator<Folder> {
    yield this;
    for (const child of this.children) yield* child.tree();
  }
}
