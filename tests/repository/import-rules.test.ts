// The rules of who may import what. A service is reached over the bus only, and the two outside systems each through one service.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

interface Source {
  readonly file: string;
  readonly imports: readonly string[];
}

/** The rules, each as the imports of a file that break it. */
const rules: Record<string, (source: Source) => readonly string[]> = {
  'no service imports another service': ({ file, imports }) => {
    const own = /^services\/([^/]+)\//.exec(file)?.[1];
    if (own === undefined) return [];
    return imports.filter((name) => /-service(\/|$)/.test(name) && !name.startsWith(`@lockstep/${own}-service`));
  },
  'packages import no service and no simulator': ({ file, imports }) =>
    file.startsWith('packages/') ? imports.filter((name) => /-(service|simulator)(\/|$)/.test(name)) : [],
  'simulators import neither services nor what services are made of': ({ file, imports }) =>
    file.startsWith('simulators/')
      ? imports.filter((name) => name.startsWith('@lockstep/') && !name.includes('-simulator'))
      : [],
  'only tests import simulators': ({ file, imports }) =>
    isTest(file) || file.startsWith('simulators/') || file.startsWith('bench/')
      ? []
      : imports.filter((name) => name.includes('-simulator')),
  'ews-javascript-api is imported by the EWS backend of the exchange-gateway alone': ({ file, imports }) =>
    file.startsWith('services/exchange-gateway/src/backends/ews/')
      ? []
      : imports.filter((name) => name.startsWith('ews-javascript-api')),
  '@superoffice/webapi is a client for tests of the simulator alone': ({ file, imports }) =>
    file.startsWith('simulators/superoffice/test/')
      ? []
      : imports.filter((name) => name.startsWith('@superoffice/webapi')),
  'nats is imported by packages/bus alone': ({ file, imports }) =>
    // A measurement compares the bus with the bare client.
    /^(packages\/bus|bench)\//.test(file) || isTest(file) ? [] : imports.filter((name) => name === 'nats'),
  'no path leads out of the own package': ({ file, imports }) =>
    imports.filter((name) => {
      if (!name.startsWith('.') || !/^(packages|services|simulators)\//.test(file)) return false;
      const target = path.posix.join(path.posix.dirname(file), name);
      return target.split('/').slice(0, 2).join('/') !== file.split('/').slice(0, 2).join('/');
    }),
  'pure packages do no input or output': ({ file, imports }) =>
    /^packages\/(flow-control|items)\/src\//.test(file) && !isTest(file)
      ? imports.filter((name) => name.startsWith('node:') && name !== 'node:crypto')
      : [],
};

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /^tests\/|^(services|packages|simulators)\/[^/]+\/test\//.test(file);
}

function sources(): readonly Source[] {
  const pattern = '{packages,services,simulators,tests,bench,scripts}/**/*.{ts,tsx,mjs}';
  return globSync(pattern, { cwd: root, exclude: (name) => String(name).includes('node_modules') })
    .map((file) => file.replaceAll('\\', '/'))
    .map((file) => ({ file, imports: importsOf(readFileSync(path.join(root, file), 'utf8')) }));
}

function importsOf(code: string): readonly string[] {
  const found = code.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|require\(\s*['"]([^'"]+)['"]/g,
  );
  return [...found].flatMap((match) => match.slice(1).filter((name) => name !== undefined));
}

function violations(all: readonly Source[], rule: (source: Source) => readonly string[]): readonly string[] {
  return all.flatMap((source) => rule(source).map((name) => `${source.file} imports ${name}`));
}

describe('imports', () => {
  const all = sources();

  it('are found in the sources', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.find((source) => source.file === 'packages/items/src/zones.ts')?.imports).toContain(
      '@lockstep/contracts',
    );
  });

  for (const [name, rule] of Object.entries(rules)) {
    it(`keep the rule: ${name}`, () => expect(violations(all, rule)).toEqual([]));
  }

  it('that break a rule are caught', () => {
    const bad: Source = {
      file: 'services/ics-scanner/src/scan.ts',
      imports: [
        '@lockstep/sync-engine-service',
        'ews-javascript-api',
        '../../settings/src/x.ts',
        'nats',
        '@lockstep/exchange-simulator',
      ],
    };
    const caught = Object.entries(rules).filter(([, rule]) => rule(bad).length > 0);
    expect(caught.map(([name]) => name)).toEqual([
      'no service imports another service',
      'only tests import simulators',
      'ews-javascript-api is imported by the EWS backend of the exchange-gateway alone',
      'nats is imported by packages/bus alone',
      'no path leads out of the own package',
    ]);
  });
});
