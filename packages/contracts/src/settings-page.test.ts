import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsSections } from './settings/index.ts';
import { settingsPage } from './settings-page.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

describe('the page of the settings', () => {
  it('is the generated one: run node_modules/.bin/node scripts/generate-docs.ts', () => {
    expect(readFileSync(path.join(root, 'docs/reference/settings.md'), 'utf8')).toBe(settingsPage());
  });

  it('names every setting with its meaning and the release it came with', () => {
    const page = settingsPage();
    for (const { settings } of settingsSections)
      for (const [name, { since }] of Object.entries(settings))
        expect(page).toMatch(
          new RegExp(`\\| \`${name}\` \\| [^|]+ \\| [^|]{10,} \\| [^|]+ \\| [^|]+ \\| ${since} \\|`),
        );
  });
});
