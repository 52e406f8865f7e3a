// What a kind of item is stands in its own places; everything else works with every kind and names none. So a new kind is its
// folder in packages/items, its content in contracts, one mapping a side, and a line in each of the registries below.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { itemKinds } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Where kinds are at home. */
const places = [
  'packages/contracts/src/content/',
  'packages/items/src/<kind>/',
  'services/exchange-gateway/src/backends/ews/mapping/',
  'services/superoffice-watcher/src/mapping/',
];
/** Where a kind is a line. */
const registries = [
  'packages/contracts/src/kinds.ts',
  'packages/contracts/src/index.ts',
  'packages/items/src/kinds.ts',
  'packages/items/src/index.ts',
];
/** Its direction is a setting, declared with the others. */
const settingDeclarations = 'packages/contracts/src/settings';
/** The names of SuperOffice's own tables and entities, which are theirs and not ours. */
const foreignNames = 'services/superoffice-watcher/src/client/';

const kindNames = itemKinds.join('|');
const quoted = new RegExp(`['"\`](${kindNames})s?['"\`]`);
const typed = new RegExp(`\\b(${itemKinds.map(capital).join('|')})(Content|Changes)\\b`);
const named = new RegExp(`(^|[/-])(${kindNames})s?([-./]|$)`);

function capital(kind: string): string {
  return kind[0]?.toUpperCase() + kind.slice(1);
}

function isAtHome(file: string): boolean {
  if (registries.includes(file) || file.startsWith(settingDeclarations) || file.startsWith(foreignNames)) return true;
  return places.some((place) => itemKinds.some((kind) => file.startsWith(place.replace('<kind>', kind))));
}

/** Why this file names a kind, undefined when it does not. */
function namesOne(file: string, code: string): string | undefined {
  if (isAtHome(file)) return undefined;
  const found = named.exec(file) ?? quoted.exec(code) ?? typed.exec(code);
  return found === null ? undefined : `${file}: ${found[0]}`;
}

describe('kinds', () => {
  const files = globSync('{packages,services}/*/src/**/*.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'));

  it('are named in their own places alone', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((file) => namesOne(file, readFileSync(path.join(root, file), 'utf8')) ?? [])).toEqual([]);
  });

  it('that are named elsewhere are caught', () => {
    const elsewhere = 'services/sync-engine/src/decide/pair.ts';
    expect(namesOne(elsewhere, "if (item.kind === 'task') return;")).toBeDefined();
    expect(namesOne(elsewhere, 'const content: AppointmentContent = read;')).toBeDefined();
    expect(namesOne('services/sync-engine/src/sync/task.ts', '')).toBeDefined();
    expect(namesOne(elsewhere, 'groupHashes(item)')).toBeUndefined();
  });

  it('are each all there', () => {
    for (const kind of itemKinds) {
      const home = places.map((place) => place.replace('<kind>', kind));
      expect(home.filter((place) => !globSync(`${place}**/*${kind}*`, { cwd: root }).length)).toEqual([]);
    }
  });
});
