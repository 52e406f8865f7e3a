import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultTechnicalSettings, exchangePurpose, type TechnicalSettings } from '@lockstep/contracts';
import { CompactEncrypt, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessReader } from './access.ts';
import { AuthenticationGate } from './authentication-gate.ts';
import { sealing } from './sealed-password.ts';

let folder: string;
let keyFile: string;
let otherKeyFile: string;
let publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-credentials-'));
  keyFile = join(folder, 'key.jwk');
  otherKeyFile = join(folder, 'other.jwk');
  const pair = await generateKeyPair(sealing.alg, { crv: 'P-256', extractable: true });
  const other = await generateKeyPair(sealing.alg, { crv: 'P-256', extractable: true });
  publicKey = pair.publicKey;
  await writeFile(keyFile, JSON.stringify(await exportJWK(pair.privateKey)));
  await writeFile(otherKeyFile, JSON.stringify(await exportJWK(other.privateKey)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const standard: TechnicalSettings = {
  ...defaultTechnicalSettings,
  userName: 'sync',
  domain: 'CORP',
  ewsUrl: 'https://mail.example.test/EWS/Exchange.asmx',
};

async function sealedFor(settings: TechnicalSettings, password = 'pæss:word'): Promise<TechnicalSettings> {
  const jwe = await new CompactEncrypt(new TextEncoder().encode(password))
    .setProtectedHeader({ ...sealing, purpose: exchangePurpose(settings) })
    .encrypt(publicKey);
  return { ...settings, password: { jwe, changedAt: '2026-01-01T00:00:00.000Z' } };
}

const accessOf = (settings: TechnicalSettings, file: string | undefined = keyFile) =>
  new AccessReader({ technical: () => settings, keyFile: file, tokensOf: noTokens }).current();
const noTokens = () => {
  throw new Error('no token is asked for');
};

describe('access', () => {
  test('is the domain’s account and the opened password', async () => {
    const access = await accessOf(await sealedFor(standard));
    expect(access).toMatchObject({ ok: true, value: { kind: 'impersonation' } });
    if (!access.ok) return;
    const [, encoded = ''] = access.value.authorization?.split(' ') ?? [];
    expect(Buffer.from(encoded, 'base64').toString('utf8')).toBe('CORP\\sync:pæss:word');
  });

  test.each([
    ['host', { ewsUrl: 'https://evil.test/EWS/Exchange.asmx' }],
    ['port', { ewsUrl: 'https://mail.example.test:8443/EWS/Exchange.asmx' }],
    ['account', { userName: 'other' }],
    ['domain', { domain: 'OTHER' }],
  ] as const)('refuses a password that was sealed for another %s', async (_, changes) => {
    expect(await accessOf({ ...(await sealedFor(standard)), ...changes })).toMatchObject({
      ok: false,
      error: { code: 'credential-host-mismatch' },
    });
  });

  test.each([
    ['an address', { ewsUrl: '' }, 'ewsUrl'],
    ['a user name', { userName: '' }, 'userName'],
    ['a tenant', { authentication: 'oauth' }, 'oauthTenant'],
    ['an application', { authentication: 'oauth', oauthTenant: 'contoso.test' }, 'oauthClientId'],
    ['https', { ewsUrl: 'http://mail.example.test/EWS/Exchange.asmx' }, 'ewsUrl'],
    ['a URL of http', { ewsUrl: 'ftp://mail.example.test/' }, 'ewsUrl'],
  ] as const)('asks for %s', async (_, changes, field) => {
    expect(await accessOf(await sealedFor({ ...standard, ...changes }))).toMatchObject({
      ok: false,
      error: { code: 'exchange-not-configured', field },
    });
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('allows http to %s', async (host) => {
    const settings = await sealedFor({ ...standard, ewsUrl: `http://${host}:8090/EWS/Exchange.asmx` });
    expect(await accessOf(settings)).toMatchObject({ ok: true });
  });

  test.each([
    [
      { userName: 'sync', domain: 'CORP' },
      { userName: 'sync', domain: 'CORP' },
    ],
    [
      { userName: 'CORP\\sync', domain: '' },
      { userName: 'sync', domain: 'CORP' },
    ],
    [
      { userName: 'sync@corp.test', domain: '' },
      { userName: 'sync@corp.test', domain: '' },
    ],
  ])('with NTLM is the connection’s: %j', async (account, expected) => {
    const settings = await sealedFor({ ...standard, ...account, authentication: 'ntlm' });
    const access = await accessOf(settings);
    expect(access).toMatchObject({ ok: true, value: { authorization: undefined } });
    expect(access.ok && access.value.via.ntlm).toEqual({ ...expected, password: 'pæss:word' });
  });

  test('with NTLM may go over plain http, since no password is sent', async () => {
    const ewsUrl = 'http://mail.example.test/EWS/Exchange.asmx';
    expect(await accessOf(await sealedFor({ ...standard, authentication: 'ntlm', ewsUrl }))).toMatchObject({
      ok: true,
    });
  });

  test('says which way cannot be taken', async () => {
    const settings = await sealedFor(standard);
    const authorities = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    for (const [field, change] of [
      ['trustedAuthorities', { trustedAuthorities: authorities }],
      ['proxyUrl', { proxyUrl: 'proxy' }],
    ] as const)
      expect(await accessOf({ ...settings, ...change })).toMatchObject({
        error: { code: 'exchange-not-configured', field },
      });
  });

  test('says whether the password is missing or cannot be opened', async () => {
    expect(await accessOf(standard)).toMatchObject({ ok: false, error: { code: 'credential-missing' } });
    const settings = await sealedFor(standard);
    for (const file of [otherKeyFile, join(folder, 'nothing.jwk')]) {
      expect(await accessOf(settings, file)).toMatchObject({ ok: false, error: { code: 'credential-unreadable' } });
    }
    const damaged = { ...settings, password: { jwe: 'a.b.c.d.e', changedAt: '2026-01-01T00:00:00.000Z' } };
    expect(await accessOf(damaged)).toMatchObject({ ok: false, error: { code: 'credential-unreadable' } });
  });

  test('no error shows the password', async () => {
    const settings = { ...(await sealedFor(standard, 'hunter2')), userName: 'other' };
    expect(JSON.stringify(await accessOf(settings))).not.toContain('hunter2');
  });
});

describe('the authentication gate', () => {
  const gateAt = () => {
    const time = { nowMs: 0 };
    const gate = new AuthenticationGate({ refusalsToStop: 2, probeEveryMs: 300_000, monotonic: () => time.nowMs });
    return { time, gate };
  };
  const refuse = (gate: AuthenticationGate) => {
    const admission = gate.admit('a');
    if (admission.kind !== 'admitted') throw new Error(admission.kind);
    gate.refused('a');
    admission.leave();
  };

  test('stops after two refusals in a row, and lets one probe through in five minutes', () => {
    const { time, gate } = gateAt();
    refuse(gate);
    refuse(gate);
    expect(gate.stopped).toBe(true);
    expect([gate.admit('a').kind, gate.stoppedForMs('a')]).toEqual(['stopped', 300_000]);
    time.nowMs = 300_000;
    expect(gate.admit('a').kind).toBe('admitted');
    expect([gate.admit('a').kind, gate.stoppedForMs('a')]).toEqual(['stopped', 300_000]);
    gate.accepted('a');
    expect(gate.admit('a').kind).toBe('admitted');
  });

  test('lets one call at a time try credentials that were not accepted yet, and all others afterwards', async () => {
    const { gate } = gateAt();
    const first = gate.admit('a');
    const second = gate.admit('a');
    expect([first.kind, second.kind]).toEqual(['admitted', 'waits']);
    if (first.kind === 'admitted') first.leave();
    if (second.kind === 'waits') await second.ended;
    expect([gate.admit('a').kind, gate.admit('a').kind]).toEqual(['admitted', 'waits']);
    gate.accepted('a');
    expect([gate.admit('a').kind, gate.admit('a').kind]).toEqual(['admitted', 'admitted']);
    gate.refused('a');
    expect([gate.admit('a').kind, gate.admit('a').kind]).toEqual(['admitted', 'waits']);
    expect(gate.admit('b').kind).toBe('admitted');
    // Its call ends late: that says nothing about the trial of the new credentials.
    if (first.kind === 'admitted') first.leave();
    expect(gate.admit('b').kind).toBe('waits');
  });

  test('single refusals with successes between stop nothing', () => {
    const { gate } = gateAt();
    gate.admit('a');
    for (let round = 0; round < 5; round++) {
      gate.refused('a');
      gate.accepted('a');
    }
    expect(gate.stopped).toBe(false);
  });

  test('other credentials open it at once, and late refusals of the old ones count for nothing', () => {
    const { gate } = gateAt();
    gate.admit('a');
    gate.refused('a');
    gate.refused('a');
    expect(gate.admit('b').kind).toBe('admitted');
    gate.refused('a');
    gate.refused('a');
    expect(gate.stopped).toBe(false);
  });
});
