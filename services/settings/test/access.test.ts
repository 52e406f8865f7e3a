import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@lockstep/bus/testing/until';
import { settingsChanged } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, type SettingsUnderTest, startSettings } from './settings-under-test.ts';

const tokenFile = join(tmpdir(), `lockstep-token-${process.pid}`);

let settings: SettingsUnderTest;
beforeAll(async () => {
  settings = await startSettings();
});
afterAll(async () => {
  await settings?.end();
  await rm(tokenFile, { force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${settings.kit.url}${path}`, { headers });
const administrator = () => settings.operator.bucket('settings').get('administrator', Type.Unknown());

describe('the administrator token', () => {
  it.each([
    ['none', {}],
    ['another token', { authorization: 'Bearer another' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a longer token', { authorization: `Bearer ${adminToken}x` }],
    ['its hash', { authorization: `Bearer ${createHash('sha256').update(adminToken).digest('hex')}` }],
    ['another scheme', { authorization: `Basic ${Buffer.from(`a:${adminToken}`).toString('base64')}` }],
  ])('guards every address of the API: %s is refused', async (_, headers: Record<string, string>) => {
    const paths = ['/settings/technical', '/settings/technical/revisions', '/user-links', '/governor', '/nowhere'];
    for (const path of paths) {
      const answer = await get(`/api/v1${path}`, headers);
      expect(answer.status, path).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(await answer.json()).toMatchObject({ code: 'unauthorized', retry: 'never', advice: expect.any(String) });
    }
    const write = await fetch(`${settings.kit.url}/api/v1/settings/technical`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"concurrentRequestLimit":9}',
    });
    expect(write.status).toBe(401);
    expect((await settings.call('GET', '/settings/technical')).etag).toBe('"0"');
  });

  it('is not needed for health, metrics and documentation', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/docs', '/docs/json', '/'])
      expect((await get(path)).status, path).toBe(200);
  });

  it('is stored as a hash only, and logged nowhere', async () => {
    const stored = JSON.stringify((await administrator())?.value);
    expect(stored).toContain(createHash('sha256').update(adminToken).digest('hex'));
    expect(stored).not.toContain(adminToken);
    expect(JSON.stringify(settings.kit.logged)).not.toContain(adminToken);
  });

  it('is the stored one for a replica that is given none', async () => {
    const other = await settings.another();
    expect((await other.call('GET', '/settings/technical')).status).toBe(200);
  });

  it('is replaced by a replica that is given another, by file; the others follow and refuse the old one', async () => {
    await writeFile(tokenFile, 'the new one\n');
    await settings.another({ LOCKSTEP_ADMIN_TOKEN_FILE: tokenFile });
    const withNew = { authorization: 'Bearer the new one' };
    await until(async () => (await get('/api/v1/user-links', withNew)).status === 200, 'the other replica to follow');
    expect((await settings.call('GET', '/user-links')).status).toBe(401);
    expect(settings.heard).toContainEqual({ section: 'administrator', revision: (await administrator())?.revision });
  });

  it('that is missing everywhere refuses all, and the log says how to set one', async () => {
    const stored = await administrator();
    await settings.operator.bucket('settings').delete('administrator', stored?.revision ?? 0);
    const other = await settings.another();
    const answer = await other.call('GET', '/user-links');
    expect(answer.status).toBe(401);
    expect(JSON.stringify(other.kit.logged)).toContain('LOCKSTEP_ADMIN_TOKEN_FILE');
    settings.operator.broadcast(settingsChanged, { section: 'administrator', revision: 0 }, { correlationId: 'test' });
    const old = { authorization: 'Bearer the new one' };
    await until(async () => (await get('/api/v1/user-links', old)).status === 401, 'the first replica to follow');
  });

  it('file that is named but empty or missing keeps the service from starting', async () => {
    await writeFile(tokenFile, '\n');
    for (const file of [tokenFile, '/nowhere/token'])
      await expect(settings.another({ LOCKSTEP_ADMIN_TOKEN_FILE: file })).rejects.toThrow('LOCKSTEP_ADMIN_TOKEN_FILE');
  });
});
