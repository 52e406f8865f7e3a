// The text of docs/reference/environment.md, made from the declarations. `scripts/generate-docs.ts` writes it; a test compares.
import { environment, type Variable } from './environment.ts';

/** The whole page in Markdown. */
export function environmentPage(): string {
  const row = ({ name, usedBy, standard, meaning }: Variable) =>
    `| \`${name}\` | ${usedBy} | ${standard === undefined ? '' : `\`${standard}\``} | ${meaning} |`;
  return [
    '# Environment variables',
    '',
    'Generated from `packages/contracts/src/environment.ts`. Everything else is a setting of the settings API.',
    '',
    '| Variable | Read by | Standard | Meaning |',
    '|---|---|---|---|',
    ...Object.values(environment).map(row),
    '',
  ].join('\n');
}
