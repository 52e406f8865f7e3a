// What the settings service reads from its environment. The token itself is forgotten after its hash is stored.
import { readFile } from 'node:fs/promises';
import { environment } from '@lockstep/contracts';
import type { PublicKeyFile } from './sealing.ts';

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
  const given = read(environment.adminToken.name);
  if (given !== undefined && given !== '') return { ...keys, adminToken: given };
  const file = read(environment.adminTokenFile.name);
  if (file === undefined || file === '') return keys;
  const adminToken = (await readFile(file, 'utf8')).trim();
  if (adminToken === '') throw new Error(`the file that ${environment.adminTokenFile.name} names is empty`);
  return { ...keys, adminToken };
}
