// Folders are floors: imports of a service, package or simulator go one way, and no files import each other in a circle.
// The order of each one's floors stands here, the lowest first; a floor is a folder of `src`, or a file beside them.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

const floors: Readonly<Record<string, readonly string[]>> = {
  'services/exchange-gateway': [
    'utc.ts',
    'config.ts',
    'metrics.ts',
    'http',
    'tokens',
    'backend.ts',
    'backends',
    'mailboxes.ts',
    'operations',
    'streaming',
    'service.ts',
    'index.ts',
    'main.ts',
  ],
  'services/exchange-gateway/src/backends/ews': [
    'soap',
    'credentials',
    'calls',
    'discovery',
    'mapping',
    'items',
    'stream',
    'check-library.ts',
    'ews-backend.ts',
  ],
  'services/sync-engine': [
    'config.ts',
    'metrics.ts',
    'state',
    'decide',
    'sides',
    'carry-out',
    'sync',
    'compare',
    'mailbox',
    'partition',
    'service.ts',
    'main.ts',
  ],
  'services/superoffice-watcher': [
    'config.ts',
    'metrics.ts',
    'client',
    'mapping',
    'changes',
    'operations',
    'webhook',
    'polling',
    'service.ts',
    'main.ts',
  ],
  'services/ics-scanner': [
    'config.ts',
    'scan-outcome.ts',
    'metrics.ts',
    'cookies',
    'scan',
    'partition',
    'sweep.ts',
    'service.ts',
    'main.ts',
  ],
  'services/throttle-governor': [
    'process-ends.ts',
    'desk-event.ts',
    'token-desk.ts',
    'config.ts',
    'metrics.ts',
    'leadership.ts',
    'service.ts',
    'main.ts',
  ],
  'services/settings': [
    'config.ts',
    'metrics.ts',
    'governor-watch.ts',
    'rules',
    'environment.ts',
    'store',
    'http',
    'service.ts',
    'main.ts',
  ],
  'simulators/exchange': [
    'xml',
    'time',
    'schema',
    'soap',
    'store',
    'recurrence',
    'properties',
    'notifications',
    'throttle',
    'faults',
    'observe',
    'http',
    'tls',
    'logon',
    'oab',
    'autodiscover',
    'options.ts',
    'caller',
    'folders',
    'items',
    'meetings',
    'search',
    'operations',
    'simulator.ts',
    'snapshots.ts',
    'control',
    'endpoints',
    'index.ts',
    'main.ts',
  ],
  'simulators/superoffice': [
    'input',
    'store',
    'time',
    'entities',
    'access',
    'http',
    'changes',
    'foreign-keys',
    'directory',
    'recurrence',
    'appointments',
    'archive',
    'webhooks',
    'system',
    'control',
    'options.ts',
    'simulator.ts',
    'index.ts',
    'main.ts',
  ],
};

/** Files of a workspace's `src`, or of a folder in it, each with the files that it imports; tests are left out. */
type Imports = ReadonlyMap<string, readonly string[]>;

function importsOf(folder: string): Imports {
  const source = path.join(root, folder, folder.includes('/src/') ? '' : 'src');
  const files = globSync('**/*.{ts,tsx}', { cwd: source }).filter((file) => !/\.test\.tsx?$/.test(file));
  return new Map(
    files.map((file) => {
      const code = readFileSync(path.join(source, file), 'utf8');
      const found = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g);
      return [file, [...found].map(([, name]) => path.join(path.dirname(file), name ?? ''))];
    }),
  );
}

/** A way from a file back to itself, for each circle that is found. */
function circlesIn(imports: Imports): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) {
      circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

const floorOf = (file: string): string => file.split(path.sep)[0] ?? file;

/** Imports that go up, and floors that have no place in the order. */
function climbs(imports: Imports, order: readonly string[]): readonly string[] {
  const placeless = [...imports.keys()].map(floorOf).filter((floor) => !order.includes(floor));
  const upward = [...imports].flatMap(([file, names]) =>
    names
      .filter((name) => order.indexOf(floorOf(name)) > order.indexOf(floorOf(file)))
      .map((name) => `${file} imports ${name}`),
  );
  return [...new Set(placeless.map((floor) => `${floor} has no place`)), ...upward];
}

describe('floors', () => {
  const workspaces = globSync('{services,packages,simulators}/*', { cwd: root }).toSorted();

  it('are looked at where there are sources', () => {
    expect(importsOf('simulators/exchange').get('index.ts')).toContain('simulator.ts');
  });

  it.each(workspaces)('no files of %s import each other in a circle', (workspace) => {
    expect(circlesIn(importsOf(workspace))).toEqual([]);
  });

  it.each(Object.entries(floors))('the folders of %s import downwards only', (workspace, order) => {
    expect(climbs(importsOf(workspace), order)).toEqual([]);
  });

  it('that are broken are caught', () => {
    const bad: Imports = new Map([
      [path.join('low', 'a.ts'), [path.join('high', 'b.ts')]],
      [path.join('high', 'b.ts'), [path.join('low', 'a.ts')]],
      [path.join('attic', 'c.ts'), []],
    ]);
    expect(climbs(bad, ['low', 'high'])).toEqual(['attic has no place', 'low/a.ts imports high/b.ts']);
    expect(circlesIn(bad)).toEqual(['low/a.ts -> high/b.ts -> low/a.ts']);
  });
});
