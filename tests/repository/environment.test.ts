// Every environment variable is declared once and told in the README; none is read that is not declared.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environment } from '@lockstep/contracts';
import { environmentPage } from '@lockstep/contracts/environment-page';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const declared = Object.values(environment).map((variable) => variable.name as string);

/** Names that are built from a prefix and a service or simulator in scripts/system. */
const builtNames = /_SIMULATOR$|^LOCKSTEP_$/;

function variablesIn(pattern: string): ReadonlySet<string> {
  const files = globSync(pattern, { cwd: root, exclude: (name) => /node_modules|dist/.test(String(name)) });
  const names = files.flatMap(
    (file) => readFileSync(path.join(root, file), 'utf8').match(/LOCKSTEP_[A-Z0-9_]*[A-Z0-9]/g) ?? [],
  );
  return new Set(names);
}

describe('environment variables', () => {
  it('that the code reads are all declared in contracts/environment.ts', () => {
    const used = [
      ...variablesIn('{packages,services,simulators,scripts}/**/src/**/*.ts'),
      ...variablesIn('scripts/**/*.{ts,mjs}'),
    ];
    const undeclared = used.filter((name) => !declared.includes(name) && !builtNames.test(name));
    expect(undeclared).toEqual([]);
  });

  it('are explained on a page that is generated from the declarations', () => {
    const page = readFileSync(path.join(root, 'docs/reference/environment.md'), 'utf8');
    expect(page, 'run node_modules/.bin/node scripts/generate-docs.ts').toBe(environmentPage());
  });
});
