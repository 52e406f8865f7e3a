// ICS over one folder: what to tell a client that knows everything up to some change.
// First load: newest item first, from a fixed position on, so that what happens meanwhile comes afterwards as a change.
import type { Folder, Item } from './folder.ts';

export type FolderChange =
  | { readonly kind: 'create' | 'update'; readonly item: Item }
  | { readonly kind: 'delete'; readonly serial: number; readonly changed: number };

export interface ChangePage {
  readonly changes: readonly FolderChange[];
  readonly upTo: number;
  readonly below: number | undefined;
  readonly complete: boolean;
}

/** The first page: everything there is, newest first. @param upTo the newest change in the store */
export function firstLoad(folder: Folder, limit: number, upTo: number, below: number | undefined): ChangePage {
  const rest = [...folder.items.values()].filter(
    (item) => item.entered <= upTo && (below === undefined || item.serial < below),
  );
  rest.sort((a, b) => b.serial - a.serial);
  const page = rest.slice(0, limit);
  const unfinished = rest.length > page.length;
  return {
    changes: page.map((item) => ({ kind: 'create', item })),
    upTo,
    below: unfinished ? page.at(-1)?.serial : undefined,
    complete: !unfinished && folder.changed <= upTo,
  };
}

/** What changed after `since`, oldest change first. @param newest the newest change in the store */
export function changesSince(folder: Folder, since: number, limit: number, newest: number): ChangePage {
  if (folder.changed <= since) return { changes: [], upTo: since, below: undefined, complete: true };
  const found: { at: number; change: FolderChange }[] = [];
  for (const item of folder.items.values()) {
    if (item.changed <= since) continue;
    found.push({ at: item.changed, change: { kind: item.entered > since ? 'create' : 'update', item } });
  }
  for (const { serial, entered, changed } of folder.tombstones) {
    if (changed > since && entered <= since) found.push({ at: changed, change: { kind: 'delete', serial, changed } });
  }
  found.sort((a, b) => a.at - b.at);
  const page = found.slice(0, limit);
  const complete = page.length === found.length;
  return {
    changes: page.map(({ change }) => change),
    upTo: complete ? newest : (page.at(-1)?.at ?? since),
    below: undefined,
    complete,
  };
}
