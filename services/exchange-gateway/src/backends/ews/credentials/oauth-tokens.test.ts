// Against a sign-in service that is a function: what it is asked for, how often, and what its answers come to.
import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { TransportError } from '../../../http/transport-error.ts';
import { type OAuthApplication, OAuthTokens } from './oauth-tokens.ts';

const hourMs = 3_600_000;
const application: OAuthApplication = {
  tokenUrl: new URL('https://login.microsoftonline.com/contoso.test/oauth2/v2.0/token'),
  clientId: 'app-1',
  scope: 'https://outlook.office365.com/.default',
  credential: { kind: 'secret', secret: 'geheim & more' },
};

type Reply = { readonly status: number; readonly text: string };
const granted = (token: string, lifeS = 3600): Reply => ({
  status: 200,
  text: JSON.stringify({ token_type: 'Bearer', expires_in: lifeS, access_token: token }),
});

/** Answers with the replies in turn, then with tokens `t3`, `t4`, … by number. */
function service(...replies: readonly (Reply | Error)[]) {
  const asked: URLSearchParams[] = [];
  const time = { nowMs: 0 };
  const tokensOf = (changes: Partial<OAuthApplication> = {}) =>
    new OAuthTokens({
      application: { ...application, ...changes },
      post: async (_url, form) => {
        asked.push(new URLSearchParams(form));
        const reply = replies[asked.length - 1] ?? granted(`t${asked.length}`);
        if (reply instanceof Error) throw reply;
        return reply;
      },
      monotonic: () => time.nowMs,
      now: () => Date.now(),
      ...{ renewBeforeMs: 300_000, reserveMs: 10_000, failedForMs: 30_000 },
    });
  return { asked, time, tokensOf, tokens: tokensOf() };
}

const refusal = {
  status: 401,
  text: JSON.stringify({
    error: 'invalid_client',
    error_description:
      'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value.\r\nTrace ID: 1\r\nCorrelation ID: 2',
  }),
};

describe('a token', () => {
  test('is asked for once, however many calls want it', async () => {
    const { tokens, asked } = service();
    const got = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    expect(new Set(got.map((each) => (each.ok ? each.value : '')))).toEqual(new Set(['t1']));
    expect(asked.map((form) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'client_credentials',
        client_id: 'app-1',
        client_secret: 'geheim & more',
        scope: 'https://outlook.office365.com/.default',
      },
    ]);
  });

  test('is replaced before it ends, once, and nobody waits for that', async () => {
    const { tokens, asked, time } = service();
    await tokens.current();
    time.nowMs = hourMs - 300_001;
    await tokens.current();
    expect(asked).toHaveLength(1);
    time.nowMs = hourMs - 299_999;
    const during = await Promise.all(Array.from({ length: 5 }, () => tokens.current()));
    expect(during).toEqual(Array.from({ length: 5 }, () => ({ ok: true, value: 't1' })));
    expect(asked).toHaveLength(2);
    await expect.poll(() => tokens.current()).toEqual({ ok: true, value: 't2' });
    expect(asked).toHaveLength(2);
  });

  test('that lives shortly is replaced after half of its life, and never used in its last moments', async () => {
    const { tokens, asked, time } = service(granted('short', 60), new TransportError('network', false, 'ECONNREFUSED'));
    await tokens.current();
    time.nowMs = 29_999;
    await tokens.current();
    expect(asked).toHaveLength(1);
    time.nowMs = 53_999;
    expect(await tokens.current()).toEqual({ ok: true, value: 'short' });
    time.nowMs = 54_001;
    expect(await tokens.current()).toMatchObject({ ok: false, error: { code: 'oauth-unreachable' } });
  });

  test('that Exchange refused is replaced once, also when many calls were refused with it', async () => {
    const { tokens, asked } = service();
    await tokens.current();
    for (let call = 0; call < 5; call++) tokens.forget('t1');
    expect(await Promise.all([tokens.current(), tokens.current()])).toEqual([
      { ok: true, value: 't2' },
      { ok: true, value: 't2' },
    ]);
    tokens.forget('t1');
    expect(await tokens.current()).toEqual({ ok: true, value: 't2' });
    expect(asked).toHaveLength(2);
  });
});

describe('a failure of the sign-in service', () => {
  test('is told with its sentence, and remembered for a while', async () => {
    const { tokens, asked, time } = service(refusal);
    for (let call = 0; call < 3; call++)
      expect(await tokens.current()).toMatchObject({
        ok: false,
        error: {
          code: 'oauth-refused',
          detail: 'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value.',
        },
      });
    expect(asked).toHaveLength(1);
    time.nowMs = 30_001;
    expect(await tokens.current()).toMatchObject({ ok: true });
  });

  test.each([
    ['HTTP 503', { status: 503, text: 'busy' }],
    ['HTTP 429', { status: 429, text: '{"error":"too_many"}' }],
    ['HTTP 404', { status: 404, text: '<html>' }],
    ['HTTP 302', { status: 302, text: '' }],
    ['the answer holds no token', { status: 200, text: '<html>log on</html>' }],
    ['the answer holds no token', { status: 200, text: '{"access_token":"a b","expires_in":1}' }],
    ['the answer holds no token', granted('t', 0)],
    ['ECONNREFUSED', new TransportError('network', false, 'ECONNREFUSED')],
    ['timeout', new TransportError('timeout', true)],
  ])('of %s is none of the application', async (detail, reply) => {
    expect(await service(reply).tokens.current()).toMatchObject({
      ok: false,
      error: { code: 'oauth-unreachable', detail },
    });
  });

  test('takes nothing away while the old token is valid', async () => {
    const { tokens, time, asked } = service(granted('t1'), refusal, refusal);
    await tokens.current();
    time.nowMs = hourMs - 60_000;
    for (let call = 0; call < 3; call++) expect(await tokens.current()).toEqual({ ok: true, value: 't1' });
    expect(asked).toHaveLength(2);
    time.nowMs = hourMs - 5_000;
    expect(await tokens.current()).toMatchObject({ error: { code: 'oauth-refused' } });
  });
});

test('an application with a certificate proves itself by a signature that ends, and shows no secret', async () => {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=L', signingAlgorithm: algorithm, keys });
  const certificate = made.toString('pem');
  const privateKey = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const { tokensOf, asked } = service();
  expect(await tokensOf({ credential: { kind: 'certificate', certificate, privateKey } }).current()).toMatchObject({
    ok: true,
  });
  const form = Object.fromEntries(asked[0] ?? []);
  expect(form).toMatchObject({
    grant_type: 'client_credentials',
    client_id: 'app-1',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  expect(form['client_secret']).toBeUndefined();
  const { publicKey, raw } = new X509Certificate(certificate);
  const verified = await jwtVerify(form['client_assertion'] ?? '', publicKey, {
    ...{ issuer: 'app-1', subject: 'app-1', audience: application.tokenUrl.href },
    maxTokenAge: 60,
  });
  expect(verified.protectedHeader).toEqual({
    ...{ alg: 'PS256', typ: 'JWT' },
    'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
  });
  const { exp = 0, iat = 0, jti } = verified.payload;
  expect(exp - iat).toBe(600);
  expect(jti).toMatch(/^[0-9a-f-]{36}$/);
});

test('a key that cannot be used is told, and asks nobody', async () => {
  const { tokensOf, asked } = service();
  const credential = { kind: 'certificate', certificate: 'no certificate', privateKey: 'so-secret' } as const;
  const refused = await tokensOf({ credential }).current();
  expect(refused).toMatchObject({ error: { code: 'credential-unreadable', field: 'oauthPrivateKey' } });
  expect(JSON.stringify(refused)).not.toContain('so-secret');
  expect(asked).toEqual([]);
});
