import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SealedPurpose } from '@lockstep/contracts';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sealer, sealedPurpose } from './sealing.ts';

const at = '2026-11-22T08:00:00.000Z';
const purpose: SealedPurpose = {
  use: 'exchange',
  account: 'EXAMPLE\\sync',
  authentication: 'ntlm',
  hosts: ['mail.example.com:443'],
};

describe('sealing', () => {
  let folder = '';
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  const fileWith = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return { variable: 'LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE', path };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-sealing-'));
    keys = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const seal = async (secret: string) => {
    const file = await fileWith('public.jwk', JSON.stringify(await exportJWK(keys.publicKey)));
    const sealed = await new Sealer(file).seal(secret, purpose, at);
    if (!sealed.ok) throw new Error(sealed.error.code);
    return sealed.value;
  };

  it('is opened by the private key, and tells what the secret is for', async () => {
    const sealed = await seal('pässwörd 🙂');
    const opened = await compactDecrypt(sealed.jwe, keys.privateKey);
    expect(new TextDecoder().decode(opened.plaintext)).toBe('pässwörd 🙂');
    expect(opened.protectedHeader).toMatchObject({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', purpose });
    expect(sealed.changedAt).toBe(at);
    expect(sealedPurpose(sealed)).toEqual(purpose);
  });

  it('is broken when the purpose in the header is changed', async () => {
    const [header = '', ...rest] = (await seal('secret')).jwe.split('.');
    const changed = JSON.parse(Buffer.from(header, 'base64url').toString());
    changed.purpose.hosts = ['evil.example:443'];
    const forged = [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
    await expect(compactDecrypt(forged, keys.privateKey)).rejects.toThrow();
  });

  it('is not opened by another key', async () => {
    const other = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256' });
    const sealed = await seal('secret');
    await expect(compactDecrypt(sealed.jwe, other.privateKey)).rejects.toThrow();
  });

  it('gives another seal each time for the same secret', async () => {
    expect((await seal('secret')).jwe).not.toBe((await seal('secret')).jwe);
  });

  it('does not need, and does not repeat, the private part of a key file', async () => {
    const file = await fileWith('both.jwk', JSON.stringify(await exportJWK(keys.privateKey)));
    const sealed = await new Sealer(file).seal('secret', purpose, at);
    if (!sealed.ok) throw new Error(sealed.error.code);
    const opened = await compactDecrypt(sealed.value.jwe, keys.privateKey);
    expect(opened.protectedHeader.epk).not.toHaveProperty('d');
  });

  it.each([
    ['no file', () => Promise.resolve({ variable: 'LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE', path: undefined })],
    ['a missing file', () => Promise.resolve({ variable: 'LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE', path: '/nowhere.jwk' })],
    ['a file that is no JSON', () => fileWith('text.jwk', 'lockstep')],
    ['a key of another kind', () => fileWith('oct.jwk', '{"kty":"oct","k":"bG9ja3N0ZXA"}')],
    ['a point that is not on the curve', () => fileWith('bad.jwk', '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}')],
  ])('says which variable to set when there is %s', async (_, file) => {
    const sealed = await new Sealer(await file()).seal('secret', purpose, at);
    if (sealed.ok) throw new Error('it was sealed');
    expect(sealed.error.code).toBe('sealing-key-missing');
    expect(sealed.error.detail).toContain('LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE');
    expect(JSON.stringify(sealed.error)).not.toContain('lockstep"');
  });

  it('reads no purpose from what is not a JWE', () => {
    expect(sealedPurpose({ jwe: 'nonsense', changedAt: at })).toBeUndefined();
    expect(sealedPurpose({ jwe: '', changedAt: at })).toBeUndefined();
  });
});
