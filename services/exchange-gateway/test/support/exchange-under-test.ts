// The Exchange simulator with two people, and the account that synchronizes them. Its password is sealed as the settings service seals
// it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultTechnicalSettings,
  exchangePurpose,
  type SealedPurpose,
  type SealedSecret,
  type TechnicalSettings,
} from '@lockstep/contracts';
import { startExchangeSimulator } from '@lockstep/exchange-simulator';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { sealing } from '../../src/backends/ews/credentials/sealed-password.ts';
import { type Between, standBetween } from './between.ts';

export const syncAccount = 'sync@lockstep.test';
export const password = 'lockstep';

export interface ExchangeUnderTest {
  readonly exchange: Awaited<ReturnType<typeof startExchangeSimulator>>;
  /** Between whoever asks and the simulator. */
  readonly between: Between;
  /** Without a password; see `seal`. */
  readonly technical: TechnicalSettings;
  /** The key that opens what `seal` seals. */
  readonly keyFile: string;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Seals a secret for settings that differ from `technical` by `changes`; the password unless another purpose is said. */
  seal(secret: string, changes?: Partial<TechnicalSettings>, purposeOf?: PurposeOf): Promise<SealedSecret>;
  close(): Promise<void>;
}

export type PurposeOf = (settings: TechnicalSettings) => SealedPurpose;

/** @param tls whether it has a TLS port, with an authority of its own */
export async function startExchange(
  settings: Partial<TechnicalSettings> = {},
  tls = false,
): Promise<ExchangeUnderTest> {
  const exchange = await startExchangeSimulator({ port: 0, heartbeatMs: 500, ...(tls ? { tlsPort: 0 } : {}) });
  const between = await standBetween(exchange.url);
  const control = controlOf(exchange.url);
  await control('POST', '/control/seed', {
    mailboxes: ['alice', 'bob'].map((name) => ({
      address: `${name}@lockstep.test`,
      displayName: name,
      password,
      timeZone: 'Europe/Oslo',
    })),
    accounts: [{ address: syncAccount, password, impersonation: true }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-gateway-'));
  const keyFile = join(folder, 'exchange.jwk');
  const { publicKey, privateKey } = await generateKeyPair(sealing.alg, { crv: 'P-256', extractable: true });
  await writeFile(keyFile, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
  const publicJwk = await exportJWK(publicKey);
  const ewsUrl = `${between.url}/EWS/Exchange.asmx`;
  const technical = { ...defaultTechnicalSettings, userName: syncAccount, ewsUrl, ...settings };
  return {
    exchange,
    between,
    technical,
    keyFile,
    control,
    seal: (secret, changes = {}, purposeOf = exchangePurpose) =>
      sealed(secret, purposeOf({ ...technical, ...changes }), publicJwk),
    close: async () => {
      await between.close();
      await exchange.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function controlOf(url: string) {
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  };
}

async function sealed(secret: string, purpose: SealedPurpose, publicJwk: JWK): Promise<SealedSecret> {
  const key = await importJWK(publicJwk, sealing.alg);
  const jwe = await new CompactEncrypt(new TextEncoder().encode(secret))
    .setProtectedHeader({ ...sealing, purpose })
    .encrypt(key);
  return { jwe, changedAt: '2026-01-01T00:00:00.000Z' };
}
