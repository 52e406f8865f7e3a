// Every link between our pages leads somewhere, and every decision stands in their list.
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('{docs,deploy}/**/*.md', { cwd: root })];

function deadLinks(page: string): readonly string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].flatMap((match) => match[1] ?? []);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  return local.filter((target) => !existsSync(path.join(root, path.dirname(page), target)));
}

describe('our pages', () => {
  it.each(pages)('%s links only to what exists', (page) => expect(deadLinks(page)).toEqual([]));

  it('list every decision', () => {
    const folder = path.join(root, 'docs/decisions');
    const list = readFileSync(path.join(folder, 'README.md'), 'utf8');
    const files = readdirSync(folder).filter((file) => file !== 'README.md');
    expect(files.filter((file) => !list.includes(`(${file})`))).toEqual([]);
  });
});
