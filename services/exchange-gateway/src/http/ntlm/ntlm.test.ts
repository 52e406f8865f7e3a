// Against the published values: RFC 1320 (MD4) and [MS-NLMP] 4.2.4 (NTLM version 2).
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { channelBindings, channelBindingsOf } from './channel-bindings.ts';
import { md4 } from './md4.ts';
import { authenticateMessage, negotiateMessage, prove, readChallenge, responseKey } from './messages.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

describe('MD4', () => {
  test.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      'e33b4ddc9c38f2199c3e7b164fcc0536',
    ],
  ])('of %j is that of RFC 1320', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });

  test('fills its last block at every length', () => {
    // Of 55, 56 and 64 bytes: where the padding fits, needs a block of its own, and begins one.
    const digests = [55, 56, 63, 64, 65].map((length) => md4(Buffer.alloc(length, 'x')).toString('hex'));
    expect(new Set(digests).size).toBe(5);
  });
});

// [MS-NLMP] 4.2.1 and 4.2.4
const account = { userName: 'User', domain: 'Domain', password: 'Password' };
const serverChallenge = hex('0123456789abcdef');
const clientChallenge = Buffer.alloc(8, 0xaa);
const targetInfo = hex(`
  02 00 0c 00 44 00 6f 00 6d 00 61 00 69 00 6e 00
  01 00 0c 00 53 00 65 00 72 00 76 00 65 00 72 00 00 00 00 00`);

describe('the response of version 2', () => {
  test('has the key, the proof and the session key of the specification', () => {
    const key = responseKey(account);
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    const proof = prove(key, { serverChallenge, clientChallenge, time: Buffer.alloc(8), targetInfo });
    expect(proof.response.subarray(0, 16).toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(proof.sessionKey.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
    const temp = proof.response.subarray(16).toString('hex');
    expect(temp).toBe(
      `0101000000000000${'00'.repeat(8)}${'aa'.repeat(8)}00000000${targetInfo.toString('hex')}00000000`,
    );
  });

  test('takes the user name without regard to case, and the domain with it', () => {
    const key = (changes: object) => responseKey({ ...account, ...changes }).toString('hex');
    expect(key({ userName: 'uSER' })).toBe(key({}));
    expect(key({ domain: 'DOMAIN' })).not.toBe(key({}));
  });
});

/** The second message of [MS-NLMP] 4.2.4.3. */
const challengeBytes = hex(`
  4e 54 4c 4d 53 53 50 00 02 00 00 00 0c 00 0c 00 38 00 00 00 33 82 8a e2 01 23 45 67 89 ab cd ef
  00 00 00 00 00 00 00 00 24 00 24 00 44 00 00 00 06 00 70 17 00 00 00 0f
  53 00 65 00 72 00 76 00 65 00 72 00 ${targetInfo.toString('hex')}`);

/** A challenge with more pairs, as servers of today send it. */
function challengeWith(...pairs: readonly (readonly [number, Buffer])[]): Buffer {
  const more = pairs.flatMap(([id, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id);
    head.writeUInt16LE(value.length, 2);
    return [head, value];
  });
  const info = Buffer.concat([targetInfo.subarray(0, -4), ...more, Buffer.alloc(4)]);
  const bytes = Buffer.concat([challengeBytes.subarray(0, 68), info]);
  bytes.writeUInt16LE(info.length, 40);
  bytes.writeUInt16LE(info.length, 42);
  return bytes;
}

function thirdFor(bytes: Buffer, channel?: Buffer) {
  const challenge = readChallenge(bytes);
  if (challenge === undefined) throw new Error('the challenge was not read');
  const negotiate = negotiateMessage();
  const message = authenticateMessage({
    ...{ account, negotiate, challenge, clientChallenge, nowMs: 0, service: 'HTTP/mail.example.com', workstation: 'W' },
    ...(channel === undefined ? {} : { channelBindings: channel }),
  });
  const field = (at: number) => {
    const offset = message.readUInt32LE(at + 4);
    return message.subarray(offset, offset + message.readUInt16LE(at));
  };
  const response = field(20);
  const pairs = new Map<number, string>();
  for (let at = 44; response.readUInt16LE(at) !== 0; at += 4 + response.readUInt16LE(at + 2))
    pairs.set(
      response.readUInt16LE(at),
      response.subarray(at + 4, at + 4 + response.readUInt16LE(at + 2)).toString('hex'),
    );
  return { message, response, pairs, field, negotiate };
}

describe('the messages', () => {
  test('are read and written as the specification has them', () => {
    expect(readChallenge(challengeBytes)?.serverChallenge).toEqual(serverChallenge);
    const { message, field, response } = thirdFor(challengeBytes);
    expect(message.subarray(0, 12).toString('latin1')).toBe('NTLMSSP\0\u0003\0\0\0');
    expect([28, 36, 44].map((at) => field(at).toString('utf16le'))).toEqual(['Domain', 'User', 'W']);
    expect(field(12).every((byte) => byte === 0)).toBe(true);
    const key = responseKey(account);
    const proof = createHmac('md5', key).update(serverChallenge).update(response.subarray(16)).digest();
    expect(response.subarray(0, 16)).toEqual(proof);
  });

  test('bear the service, the channel bindings, the server’s time and an integrity code', () => {
    const time = hex('00f0d0c0b0a09001');
    const bytes = challengeWith([7, time]);
    const { message, pairs, response, negotiate } = thirdFor(bytes, Buffer.alloc(16, 7));
    expect(pairs.get(9)).toBe(Buffer.from('HTTP/mail.example.com', 'utf16le').toString('hex'));
    expect(pairs.get(10)).toBe('07'.repeat(16));
    expect(pairs.get(6)).toBe('02000000');
    expect(response.subarray(24, 32)).toEqual(time);
    const sessionKey = createHmac('md5', responseKey(account)).update(response.subarray(0, 16)).digest();
    const blank = Buffer.from(message).fill(0, 72, 88);
    const code = createHmac('md5', sessionKey).update(negotiate).update(bytes).update(blank).digest();
    expect(message.subarray(72, 88)).toEqual(code);
  });

  test('have no integrity code where the server tells no time', () => {
    const { message, pairs } = thirdFor(challengeBytes);
    expect([pairs.has(6), pairs.has(10)]).toEqual([false, false]);
    expect(message.subarray(72, 88).every((byte) => byte === 0)).toBe(true);
  });

  test('that are damaged are no challenge, wherever they are cut', () => {
    for (let length = 0; length < challengeBytes.length; length++)
      expect(readChallenge(challengeBytes.subarray(0, length))).toBeUndefined();
    const loud = Buffer.from(challengeBytes);
    loud.writeUInt16LE(0xffff, 70);
    expect(readChallenge(loud)).toBeUndefined();
  });
});

describe('the channel bindings', () => {
  test('are those that Windows computes for a certificate of this hash', () => {
    // The example of Microsoft's protocol documentation team, and a test vector of Python's ntlm-auth.
    const hash = hex('E3CA49271E5089CC48CE82109F1324F41DBEDDC29A777410C738F7868C4FF405');
    expect(channelBindings(hash).toString('hex')).toBe('6ea19df066da4622051f9c4f92c6df74');
  });

  test.each([
    ['sha256WithRSAEncryption', 'sha256'],
    ['ecdsa-with-SHA384', 'sha384'],
    ['sha512WithRSAEncryption', 'sha512'],
    ['sha1WithRSAEncryption', 'sha256'],
    ['md5WithRSAEncryption', 'sha256'],
    ['rsassaPss', 'sha256'],
  ])('of a certificate signed with %s use %s', (signatureAlgorithm, hash) => {
    const raw = Buffer.from('certificate');
    const expected = channelBindings(createHash(hash).update(raw).digest());
    expect(channelBindingsOf({ raw, signatureAlgorithm })).toEqual(expected);
  });
});
