// The page docs/reference/errors.md, made from the error table. A test compares the two, so that no code stays undocumented.
import { errorTable } from './errors.ts';

const explained = {
  never: 'the same request will fail again',
  later: 'the same request may succeed later',
  busy: 'the same request may succeed after `backOffMs` milliseconds',
};

/** The whole page as Markdown. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { retry, meaning, advice }]) => `| \`${code}\` | ${retry} | ${cell(meaning)} | ${cell(advice)} |`,
  );
  const classes = Object.entries(explained).map(([retry, meaning]) => `- \`${retry}\`: ${meaning}.`);
  return [
    '# Error codes',
    '',
    'Every failure that crosses the bus or leaves by HTTP has one of these codes. An HTTP answer is',
    '`{code, message, field?, detail?, retry, backOffMs?, advice}`; `field` names what is refused.',
    'This page is generated from `packages/contracts/src/errors/`.',
    '',
    ...classes,
    '',
    '| Code | Retry | Meaning | What to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
