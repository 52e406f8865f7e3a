// Validates recorded documents with xmllint against the schema that Microsoft publishes and that we do not ship.
// For test suites: without the schema folder it does nothing and says so; with `CI=true` a missing xmllint is an error.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type ValidationOutcome =
  | { readonly kind: 'leftOut'; readonly why: string }
  | { readonly kind: 'checked'; readonly files: number; readonly complaints: readonly string[] };

const run = promisify(execFile);
/** So many files go into one call: starting xmllint and loading the schema costs more than a file. */
const batchSize = 200;
const outputBytes = 16 * 1024 * 1024;

/**
 * @param folder what a simulator was given as `recordDir`; requests that it refused are not looked at
 * @throws Error when xmllint is missing and `CI` is `true`
 */
export async function validateRecordings(
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ValidationOutcome> {
  const schemaDir = environment['LOCKSTEP_EWS_SCHEMA_DIR'];
  if (schemaDir === undefined || schemaDir === '') return leftOut('LOCKSTEP_EWS_SCHEMA_DIR is not set');
  if (!(await hasXmllint())) {
    if (environment['CI'] === 'true') throw new Error('xmllint is missing (Debian: libxml2-utils).');
    return leftOut('xmllint is missing (Debian: libxml2-utils)');
  }
  const all = (await readdir(folder)).filter((name) => name.endsWith('.xml') && !name.includes('-refused'));
  const complaints: string[] = [];
  for (const [schema, names] of bySchema(all.sort())) {
    const files = names.map((name) => join(folder, name));
    for (let start = 0; start < files.length; start += batchSize) {
      complaints.push(...(await validateBatch(join(schemaDir, schema), files.slice(start, start + batchSize))));
    }
  }
  return { kind: 'checked', files: all.length, complaints };
}

const schemas: readonly (readonly [string, string])[] = [
  ['-autodiscover-soap', 'handwritten/autodiscover-envelope.xsd'],
  ['-autodiscover-pox-response', 'handwritten/autodiscover-pox-response.xsd'],
  ['-oab-manifest', 'handwritten/oab-manifest.xsd'],
  ['', 'validate/ews-envelope.xsd'],
];

/** Which schema a file belongs to is seen from its name. */
function bySchema(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const schema = schemas.find(([part]) => name.includes(part))?.[1] ?? '';
    groups.set(schema, [...(groups.get(schema) ?? []), name]);
  }
  return groups;
}
function leftOut(why: string): ValidationOutcome {
  process.stderr.write(`\n*** Validation of recorded EWS messages against the schema was LEFT OUT: ${why}. ***\n\n`);
  return { kind: 'leftOut', why };
}

async function hasXmllint(): Promise<boolean> {
  try {
    await run('xmllint', ['--version']);
    return true;
  } catch {
    return false; // not installed
  }
}

async function validateBatch(schema: string, files: readonly string[]): Promise<readonly string[]> {
  try {
    await run('xmllint', ['--noout', '--nonet', '--schema', schema, ...files], { maxBuffer: outputBytes });
    return [];
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    return output.split('\n').filter((line) => line !== '' && !line.endsWith(' validates'));
  }
}
