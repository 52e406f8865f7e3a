import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codedError, errorTable } from './errors.ts';
import { errorsPage } from './errors-page.ts';

const file = new URL('../../../docs/reference/errors.md', import.meta.url);

describe('the error codes', () => {
  it('are explained on a page that is generated from the table', () => {
    expect(readFileSync(file, 'utf8'), 'run node_modules/.bin/node scripts/generate-docs.ts').toBe(errorsPage());
  });

  it('each have a row with a meaning and an advice', () => {
    for (const [code, { meaning, advice }] of Object.entries(errorTable)) {
      expect(errorsPage()).toContain(`| \`${code}\` |`);
      expect(meaning, code).toMatch(/\.$/);
      expect(advice, code).toMatch(/\.$/);
    }
  });

  it('carry their meaning as the message unless a better one is given', () => {
    expect(codedError('settings-conflict').message).toBe(errorTable['settings-conflict'].meaning);
    expect(codedError('request-invalid', { field: 'zone', message: 'zone must be known' })).toEqual({
      code: 'request-invalid',
      retry: 'never',
      field: 'zone',
      message: 'zone must be known',
    });
  });
});
