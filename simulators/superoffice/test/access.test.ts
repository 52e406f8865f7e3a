import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { basic, call, closeAll, start } from './harness.ts';

afterEach(closeAll);

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const application = {
  applicationToken: 'client-secret',
  systemToken: 'Lockstep-aBc123',
  publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

function signed(at: Date, key = keys.privateKey): string {
  const text = `${application.systemToken}.${at.toISOString().replace(/\D/g, '').slice(0, 12)}`;
  return `${text}.${createSign('SHA256').update(text).sign(key, 'base64')}`;
}

test('an approved application logs in as system user with its signature, and its ticket needs SO-AppToken Online', async () => {
  const { simulator, control, sync } = await start();
  const root = new URL(simulator.url).origin;
  const login = (body: Record<string, unknown>) =>
    call('POST', `${root}/Login/api/PartnerSystemUser/Authenticate`, body, {});
  const request = {
    SignedSystemToken: signed(new Date()),
    ApplicationToken: 'client-secret',
    ContextIdentifier: 'Cust00001',
    ReturnTokenType: 'JWT',
  };
  expect((await login(request)).body.IsSuccessful).toBe(false);
  await control('POST', '/applications', application);
  await control('POST', '/switches', { online: true });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const wrong = [
    { SignedSystemToken: signed(new Date(), stranger) },
    { SignedSystemToken: signed(new Date(Date.now() - 3_600_000)) },
    { SignedSystemToken: 'nonsense' },
    { ApplicationToken: 'other' },
    { ContextIdentifier: 'Cust2' },
  ];
  for (const change of wrong) {
    expect((await login({ ...request, ...change })).body).toMatchObject({ IsSuccessful: false, Token: null });
  }
  const answer = (await login(request)).body;
  const [head = '', payload = '', signature = ''] = answer.Token.split('.');
  const [jwk] = (await call('GET', `${root}/login/.well-known/jwks`, undefined, {})).body.keys;
  expect(
    createVerify('SHA256').update(`${head}.${payload}`).verify({ key: jwk, format: 'jwk' }, signature, 'base64url'),
  ).toBe(true);
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const authorization = `SOTicket ${claims['http://schemes.superoffice.net/identity/ticket']}`;
  const me = (headers: Record<string, string>) =>
    call('GET', `${simulator.url}/api/v1/User/currentPrincipal`, undefined, headers);
  expect((await me({ authorization, 'SO-AppToken': 'client-secret' })).body.AssociateId).toBe(sync);
  expect((await me({ authorization })).status).toBe(401);
  expect((await me({ authorization: basic('alice', 'lockstep') })).status).toBe(401);
});

test('a ticket slides with use, ends six hours after the last one, and on command', async () => {
  const { simulator, control, alice } = await start();
  const { ticket } = (await control('POST', '/tokens', { associate: 'alice' })).body;
  const me = () =>
    call('GET', `${simulator.url}/api/v1/User/currentPrincipal`, undefined, { authorization: `SOTICKET ${ticket}` });
  for (let use = 0; use < 3; use++) {
    await control('POST', '/clock', { advanceMs: 5 * 3_600_000 });
    expect((await me()).body.AssociateId).toBe(alice);
  }
  await control('POST', '/clock', { advanceMs: 6 * 3_600_000 + 1 });
  expect((await me()).status).toBe(401);
  const { accessToken, refreshToken } = (await control('POST', '/tokens', { associate: 'alice' })).body;
  const bearer = (token: string) =>
    call('GET', `${simulator.url}/api/v1/User/currentPrincipal`, undefined, { authorization: `Bearer ${token}` });
  expect((await bearer(accessToken)).status).toBe(200);
  await control('POST', '/tokens/expire');
  expect((await bearer(accessToken)).status).toBe(401);
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const tokens = `${new URL(simulator.url).origin}/login/common/oauth/tokens`;
  const refreshed = (await (await fetch(tokens, { method: 'POST', body: form })).json()) as { access_token: string };
  expect((await bearer(refreshed.access_token)).status).toBe(200);
});

test('a tenant that moved answers 421 on its old host and says where it is', async () => {
  const { simulator, api, control } = await start();
  const { port } = simulator;
  await control('POST', '/tenant', { host: `localhost:${port}` });
  expect((await api('GET', '/User/currentPrincipal')).status).toBe(421);
  const state = (await call('GET', `http://127.0.0.1:${port}/api/state/Cust00001`, undefined, {})).body;
  expect(state).toMatchObject({ State: 'Running', IsRunning: true, Api: `http://localhost:${port}/Cust00001/api` });
  await control('POST', '/tenant', { host: '', state: 'OfflineMaintenance' });
  expect((await api('GET', '/User/currentPrincipal')).status).toBe(503);
  await control('POST', '/tenant', { state: 'OnlineMaintenance' });
  expect((await api('GET', '/User/currentPrincipal')).status).toBe(200);
});
