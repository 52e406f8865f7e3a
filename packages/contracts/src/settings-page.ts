// The text of docs/reference/settings.md, made from the declarations of the settings. `scripts/generate-docs.ts` writes it; a test
// compares. A new setting appears here by its declaration alone.
import type { DeclaredSection, Setting } from './settings/index.ts';
import { settingsSections } from './settings/index.ts';

/** What is shown of a setting's schema. */
interface Shown {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly 'x-allowed'?: string;
}

/** The whole page in Markdown. */
export function settingsPage(): string {
  return [
    '# Settings',
    '',
    'Generated from `packages/contracts/src/settings/`. Each section is read and written at `/api/v1/settings/<section>`;',
    '[the guide](../guides/settings.md) shows how. A section that was stored before a setting existed has its default.',
    '',
    ...settingsSections.flatMap((section) => sectionText(section)),
  ].join('\n');
}

function sectionText({ name, title, description, settings }: DeclaredSection): readonly string[] {
  return [
    `## ${title}: \`${name}\``,
    '',
    description,
    '',
    '| Setting | In the panel | Meaning | Allowed | Default | Since |',
    '|---|---|---|---|---|---|',
    ...Object.entries(settings).map(([field, setting]) => row(field, setting)),
    '',
  ];
}

function row(field: string, { input, since }: Setting): string {
  const shown: Shown = input;
  const { title = '', description = '' } = shown;
  return `| \`${field}\` | ${title} | ${description} | ${allowed(shown)} | ${standard(shown)} | ${since} |`;
}

function allowed({ enum: words, properties, type, minimum, maximum, 'x-allowed': said }: Shown): string {
  if (said !== undefined) return said;
  if (words !== undefined) return words.map(code).join(', ');
  if (properties !== undefined) {
    const [first] = Object.values(properties);
    const names = Object.keys(properties).map(code).join(', ');
    return `for each of ${names}: ${first === undefined ? '' : allowed(first)}`;
  }
  if (type === 'boolean') return '`true`, `false`';
  return `a whole number from ${minimum} to ${maximum}`;
}

/** Where each part has the same default, that one. */
function standard({ default: value }: Shown): string {
  if (value === undefined) return 'none';
  if (value === '') return 'empty';
  const parts = typeof value === 'object' && value !== null ? new Set(Object.values(value)) : undefined;
  return parts?.size === 1 ? `${code([...parts][0])} for each` : code(value);
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
