// The keys, passwords and the administrator token of a system on one machine: files of mode 0600 in the data folder.
// Made once and kept, so that a second start goes on from the stored state.
import { randomBytes, webcrypto } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServiceName, serviceNames } from '@lockstep/contracts';
import { inData, type Layout } from './layout.ts';

export interface Secrets {
  readonly adminToken: string;
  readonly adminTokenFile: string;
  readonly natsPasswords: { readonly [S in ServiceName | 'operator']: string };
  readonly natsPasswordFiles: { readonly [S in ServiceName | 'operator']: string };
  readonly exchangeKey: KeyFiles;
  readonly superofficeKey: KeyFiles;
}

export interface KeyFiles {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** Reads the secrets of the data folder, and makes those that are missing. */
export async function secretsOf(layout: Pick<Layout, 'dataFolder'>, adminToken: string | undefined): Promise<Secrets> {
  mkdirSync(inData(layout, 'keys'), { recursive: true, mode: 0o700 });
  const users = [...serviceNames, 'operator'] as const;
  const passwordFile = (user: string) => inData(layout, 'keys', `nats-${user}.password`);
  const adminTokenFile = inData(layout, 'admin-token');
  if (adminToken !== undefined) writePrivate(adminTokenFile, adminToken);
  return {
    adminToken: kept(adminTokenFile),
    adminTokenFile,
    natsPasswords: Object.fromEntries(
      users.map((user) => [user, kept(passwordFile(user))]),
    ) as Secrets['natsPasswords'],
    natsPasswordFiles: Object.fromEntries(
      users.map((user) => [user, passwordFile(user)]),
    ) as Secrets['natsPasswordFiles'],
    exchangeKey: await keyPair(inData(layout, 'keys', 'exchange')),
    superofficeKey: await keyPair(inData(layout, 'keys', 'superoffice')),
  };
}

/** Writes a file that only its owner may read. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}

function kept(file: string): string {
  if (!existsSync(file)) writePrivate(file, randomBytes(24).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

/** An EC P-256 key pair as JWK files: the public one seals, the private one opens. */
async function keyPair(stem: string): Promise<KeyFiles> {
  const files = { privateKeyFile: `${stem}.private.jwk`, publicKeyFile: `${stem}.public.jwk` };
  if (existsSync(files.privateKeyFile) && existsSync(files.publicKeyFile)) return files;
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const jwk = async (key: webcrypto.CryptoKey) => {
    const { kty, crv, x, y, d } = await webcrypto.subtle.exportKey('jwk', key);
    return JSON.stringify({ kty, crv, x, y, ...(d === undefined ? {} : { d }) });
  };
  writePrivate(files.publicKeyFile, await jwk(pair.publicKey));
  writePrivate(files.privateKeyFile, await jwk(pair.privateKey));
  return files;
}
