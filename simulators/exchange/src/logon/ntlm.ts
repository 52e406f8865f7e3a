// The server's side of NTLM (MS-NLMP), version 2 responses only: three messages on one connection, which is then the user's.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { md4 } from './md4.ts';

const signature = Buffer.from('NTLMSSP\0', 'latin1');
const domain = 'LOCKSTEP';
const computer = 'EXCH01';

/** Unicode, target info, NTLM, always sign, extended session security, target type domain. */
const challengeFlags = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00010000 | 0x00080000 | 0x00800000;

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** 1 negotiate, 3 authenticate; undefined for what is not NTLM. */
export function messageType(token: Buffer): number | undefined {
  return token.length >= 12 && token.subarray(0, 8).equals(signature) ? token.readUInt32LE(8) : undefined;
}

export interface Challenge {
  readonly serverChallenge: Buffer;
  /** The second message. */
  readonly message: Buffer;
}

/** Answers the first message. */
export function makeChallenge(nowMs: number): Challenge {
  const serverChallenge = randomBytes(8);
  const targetName = utf16(domain);
  const info = targetInfo(nowMs);
  const head = Buffer.alloc(56);
  signature.copy(head);
  head.writeUInt32LE(2, 8);
  writeField(head, 12, targetName.length, 56);
  head.writeUInt32LE(challengeFlags >>> 0, 20);
  serverChallenge.copy(head, 24);
  writeField(head, 40, info.length, 56 + targetName.length);
  return { serverChallenge, message: Buffer.concat([head, targetName, info]) };
}

function writeField(buffer: Buffer, at: number, length: number, offset: number): void {
  buffer.writeUInt16LE(length, at);
  buffer.writeUInt16LE(length, at + 2);
  buffer.writeUInt32LE(offset, at + 4);
}

function targetInfo(nowMs: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(BigInt(Math.floor(nowMs)) * 10_000n + 116_444_736_000_000_000n);
  const pairs: readonly (readonly [number, Buffer])[] = [
    [2, utf16(domain)],
    [1, utf16(computer)],
    [4, utf16('lockstep.test')],
    [3, utf16('exch01.lockstep.test')],
    [7, time],
    [0, Buffer.alloc(0)],
  ];
  return Buffer.concat(
    pairs.map(([id, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return Buffer.concat([head, value]);
    }),
  );
}

export interface Authenticate {
  readonly user: string;
  readonly domain: string;
  readonly response: Buffer;
}

/** Reads the third message; undefined when it is damaged. */
export function readAuthenticate(token: Buffer): Authenticate | undefined {
  if (messageType(token) !== 3 || token.length < 52) return undefined;
  const response = field(token, 20);
  const domainField = field(token, 28);
  const user = field(token, 36);
  if (response === undefined || domainField === undefined || user === undefined) return undefined;
  return { user: user.toString('utf16le'), domain: domainField.toString('utf16le'), response };
}

function field(token: Buffer, at: number): Buffer | undefined {
  const length = token.readUInt16LE(at);
  const offset = token.readUInt32LE(at + 4);
  return offset + length > token.length ? undefined : token.subarray(offset, offset + length);
}

/** Whether the response proves the password. */
export function provesPassword(message: Authenticate, password: string, serverChallenge: Buffer): boolean {
  const { response, user, domain: userDomain } = message;
  if (response.length < 44) return false;
  const key = createHmac('md5', md4(utf16(password)))
    .update(utf16(user.toUpperCase() + userDomain))
    .digest();
  const proof = createHmac('md5', key).update(serverChallenge).update(response.subarray(16)).digest();
  return timingSafeEqual(proof, response.subarray(0, 16));
}
