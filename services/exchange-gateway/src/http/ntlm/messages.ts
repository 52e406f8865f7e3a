// The three messages of NTLM, version 2 only, as bytes. Source: [MS-NLMP] 2.2.1 (messages), 3.3.2 (the response), 3.1.5.1.2 (what
// the client adds). There is no session security: over HTTP nothing is signed or sealed after the logon.
import { createHmac } from 'node:crypto';
import { md4 } from './md4.ts';

export interface NtlmAccount {
  readonly userName: string;
  /** Empty for a UPN and where the server is to choose. */
  readonly domain: string;
  readonly password: string;
}

/** [MS-NLMP] 2.2.2.5 */
const flag = {
  unicode: 0x00000001,
  requestTarget: 0x00000004,
  ntlm: 0x00000200,
  alwaysSign: 0x00008000,
  extendedSecurity: 0x00080000,
  targetInfo: 0x00800000,
} as const;
const wishes = flag.unicode | flag.requestTarget | flag.ntlm | flag.alwaysSign | flag.extendedSecurity;

/** [MS-NLMP] 2.2.2.1 */
const pairId = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;
/** The flag of a message that bears a message integrity code. */
const hasIntegrityCode = 0x00000002;

const signature = Buffer.from('NTLMSSP\0', 'latin1');
const headBytes = 88;
const integrityCodeAt = 72;

/** The first message. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(32);
  signature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(wishes, 12);
  return message;
}

export interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: readonly Pair[];
  /** The whole second message. */
  readonly bytes: Buffer;
}

interface Pair {
  readonly id: number;
  readonly value: Buffer;
}

/** Reads the second message; undefined when it is none, is damaged, or asks for what is older than version 2. */
export function readChallenge(bytes: Buffer): Challenge | undefined {
  if (bytes.length < 48 || !bytes.subarray(0, 8).equals(signature) || bytes.readUInt32LE(8) !== 2) return undefined;
  const length = bytes.readUInt16LE(40);
  const offset = bytes.readUInt32LE(44);
  if (length === 0 || offset + length > bytes.length) return undefined;
  const targetInfo = readPairs(bytes.subarray(offset, offset + length));
  if (targetInfo === undefined) return undefined;
  return { flags: bytes.readUInt32LE(20), serverChallenge: bytes.subarray(24, 32), targetInfo, bytes };
}

export interface AuthenticateWish {
  readonly account: NtlmAccount;
  readonly negotiate: Buffer;
  readonly challenge: Challenge;
  /** 8 random bytes. */
  readonly clientChallenge: Buffer;
  readonly nowMs: number;
  /** The service that is meant, `HTTP/host`. */
  readonly service: string;
  /** MD5 of the channel bindings; absent without TLS. */
  readonly channelBindings?: Buffer;
  readonly workstation: string;
}

/** The third message. */
export function authenticateMessage(wish: AuthenticateWish): Buffer {
  const { account, negotiate, challenge, clientChallenge, nowMs, service, channelBindings, workstation } = wish;
  const serverTime = challenge.targetInfo.find(({ id }) => id === pairId.timestamp)?.value;
  // Servers that tell their time check the integrity code.
  const withCode = serverTime !== undefined;
  const targetInfo = writePairs([
    ...challenge.targetInfo.filter(({ id }) => id !== pairId.flags),
    ...(withCode ? [{ id: pairId.flags, value: flagsOf(challenge.targetInfo) }] : []),
    ...(channelBindings === undefined ? [] : [{ id: pairId.channelBindings, value: channelBindings }]),
    { id: pairId.targetName, value: utf16(service) },
  ]);
  const { serverChallenge } = challenge;
  const time = serverTime ?? fileTime(nowMs);
  const proof = prove(responseKey(account), { serverChallenge, clientChallenge, time, targetInfo });
  const message = assemble((challenge.flags & wishes) | flag.targetInfo, [
    // The older response is left out, as [MS-NLMP] 3.1.5.1.2 asks for.
    Buffer.alloc(24),
    proof.response,
    utf16(account.domain),
    utf16(account.userName),
    utf16(workstation),
    Buffer.alloc(0),
  ]);
  if (withCode) {
    const code = hmac(proof.sessionKey, Buffer.concat([negotiate, challenge.bytes, message]));
    code.copy(message, integrityCodeAt);
  }
  return message;
}

/** What the password is used as: NTOWFv2 of [MS-NLMP] 3.3.2. */
export function responseKey({ userName, domain, password }: NtlmAccount): Buffer {
  return hmac(md4(utf16(password)), utf16(upperCase(userName) + domain));
}

export interface ProofWish {
  readonly serverChallenge: Buffer;
  readonly clientChallenge: Buffer;
  /** 8 bytes, see `fileTime`. */
  readonly time: Buffer;
  readonly targetInfo: Buffer;
}

/** The response to a challenge, and the key that comes of it ([MS-NLMP] 3.3.2). */
export function prove(key: Buffer, { serverChallenge, clientChallenge, time, targetInfo }: ProofWish) {
  const versions = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  const temp = Buffer.concat([versions, time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
  const proof = hmac(key, Buffer.concat([serverChallenge, temp]));
  return { response: Buffer.concat([proof, temp]), sessionKey: hmac(key, proof) };
}

/** Tenths of microseconds since 1601, as Windows counts. */
function fileTime(nowMs: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(BigInt(Math.floor(nowMs)) * 10_000n + 116_444_736_000_000_000n);
  return time;
}

function assemble(flags: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(headBytes);
  signature.copy(head);
  head.writeUInt32LE(3, 8);
  let offset = headBytes;
  for (const [index, { length }] of fields.entries()) {
    head.writeUInt16LE(length, 12 + index * 8);
    head.writeUInt16LE(length, 14 + index * 8);
    head.writeUInt32LE(offset, 16 + index * 8);
    offset += length;
  }
  head.writeUInt32LE(flags >>> 0, 60);
  return Buffer.concat([head, ...fields]);
}

function flagsOf(targetInfo: readonly Pair[]): Buffer {
  const said = targetInfo.find(({ id, value }) => id === pairId.flags && value.length === 4)?.value.readUInt32LE() ?? 0;
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE((said | hasIntegrityCode) >>> 0);
  return flags;
}

function readPairs(bytes: Buffer): readonly Pair[] | undefined {
  const pairs: Pair[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const id = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (id === pairId.end) return pairs;
    if (at + 4 + length > bytes.length) return undefined;
    pairs.push({ id, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return undefined;
}

function writePairs(pairs: readonly Pair[]): Buffer {
  const written = [...pairs, { id: pairId.end, value: Buffer.alloc(0) }].flatMap(({ id, value }) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id);
    head.writeUInt16LE(value.length, 2);
    return [head, value];
  });
  return Buffer.concat(written);
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('md5', key).update(data).digest();

/** As Windows does it, letter by letter: a letter whose capital is two letters stays. */
function upperCase(text: string): string {
  return [...text]
    .map((letter) => (letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter))
    .join('');
}
