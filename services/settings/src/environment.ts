// What the settings service reads from its environment. The token itself is forgotten after its hash is stored.
import { readFile } from 'node:fs/promises';
import { environment } from '@lockstep/contracts';
import type { PublicKeyFile } from './rules/sealing.ts';

export interface Config {
  readonly exchangeKey: PublicKeyFile;
  readonly superofficeKey: PublicKeyFile;
  /** The administrator token, where the environment gives one. */
  readonly adminToken?: string;
}

/** Fails when the token file is named but cannot be read, or is empty: nobody could use the API then, for a reason unseen. */
export async function readConfig(read: (variable: string) => string | undefined): Promise<Config> {
  const keyFile = ({ name }: { readonly name: string }): PublicKeyFile => ({ variable: name, path: read(name) });
  const keys = {
    exchangeKey: keyFile(environment.exchangePublicKeyFile),
    superofficeKey: keyFile(environment.superofficePublicKeyFile),
  };
  const given = read(environment.adminToken.name)?.trim() ?? '';
  if (given !== '') return { ...keys, adminToken: given };
  const file = read(environment.adminTokenFile.name) ?? '';
  return file === '' ? keys : { ...keys, adminToken: await tokenIn(file, environment.adminTokenFile.name) };
}

/** A RangeError, since the log shows the message of one: what is wrong must be seen there. */
async function tokenIn(file: string, variable: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new RangeError(`the file that ${variable} names cannot be read: ${reason}`, { cause: error });
  }
  const token = text.trim();
  if (token === '') throw new RangeError(`the file that ${variable} names is empty`);
  return token;
}
