// The settings service on a real nats-server with its own NATS user, called over real HTTP.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { operatorUser, settingsChanged, userNames } from '@lockstep/contracts';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type CompactDecryptResult, type CryptoKey, compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { start } from '../src/service.ts';

export const adminToken = 'a token of this test only';

export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export interface Instance {
  readonly kit: TestKit;
  readonly call: Call;
  readonly stop: () => Promise<void>;
}

export interface SettingsUnderTest extends Instance {
  readonly nats: NatsServerUnderTest;
  /** A connection that may do everything, as the other services and people. */
  readonly operator: Bus;
  /** Every `settingsChanged` that was heard, oldest first. */
  readonly heard: readonly { readonly section: string; readonly revision: number }[];
  /** Opens what was sealed for Exchange or SuperOffice, as their services do. */
  readonly open: (use: 'exchange' | 'superoffice', jwe: string) => Promise<CompactDecryptResult>;
  /** Another replica on the same NATS. */
  readonly another: (environment?: Readonly<Record<string, string>>) => Promise<Instance>;
  readonly end: () => Promise<void>;
}

export async function startSettings(): Promise<SettingsUnderTest> {
  const users = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
  const nats = await startNatsServer({ users });
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-settings-'));
  const keys = { exchange: await keyFile(folder, 'exchange'), superoffice: await keyFile(folder, 'superoffice') };
  const keyFiles = {
    LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE: keys.exchange.path,
    LOCKSTEP_SUPEROFFICE_PUBLIC_KEY_FILE: keys.superoffice.path,
  };
  const instances: Instance[] = [];
  const another = async (environment: Readonly<Record<string, string>> = {}) => {
    const instance = await startInstance(nats, { ...keyFiles, ...environment });
    instances.push(instance);
    return instance;
  };
  const first = await another({ LOCKSTEP_ADMIN_TOKEN: adminToken });
  const operator = await connect({
    url: nats.url,
    name: 'test',
    user: operatorUser,
    password: users[operatorUser] ?? '',
  });
  const heard: { section: string; revision: number }[] = [];
  await operator.listen(settingsChanged, (message) => heard.push(message));
  return {
    ...first,
    nats,
    operator,
    heard,
    another,
    open: (use, jwe) => compactDecrypt(jwe, keys[use].privateKey),
    async end() {
      for (const instance of instances) await instance.stop();
      await operator.drain(0);
      await nats.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function startInstance(
  nats: NatsServerUnderTest,
  environment: Readonly<Record<string, string>>,
): Promise<Instance> {
  const kit = await createTestKit('settings', { natsUrl: nats.url, natsPasswords: nats.passwords, environment });
  const running = await start(kit).catch(async (error: unknown) => {
    await kit.close();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await running.stop();
    await kit.close();
  };
  return {
    kit,
    call: caller(kit.url),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Calls below `/api/v1` with the administrator token. A string body is sent as it is. */
function caller(url: string): Call {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed: Answer['body'] = text === '' ? {} : JSON.parse(text);
    const etag = response.headers.get('etag') ?? '';
    return { status: response.status, etag, headers: response.headers, text, body: parsed };
  };
}

async function keyFile(
  folder: string,
  name: string,
): Promise<{ readonly path: string; readonly privateKey: CryptoKey }> {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });
  const path = join(folder, `${name}.public.jwk`);
  await writeFile(path, JSON.stringify(await exportJWK(publicKey)));
  return { path, privateKey };
}
