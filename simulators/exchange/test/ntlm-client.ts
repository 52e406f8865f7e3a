// The client's half of NTLM: the messages that it sends, over any connection that stays the same.
import { createHmac, randomBytes } from 'node:crypto';
import { md4 } from '../src/logon/md4.ts';

export interface RawAnswer {
  readonly status: number;
  readonly offers: readonly string[];
}

/** Sends a request with this authorization over the one connection. */
export type SendRaw = (authorization: string | undefined) => Promise<RawAnswer>;

/** All three messages; the answer to the last. */
export async function logOn(send: SendRaw, user: string, password: string): Promise<RawAnswer> {
  const asked = await send(negotiate());
  const challenge = Buffer.from(asked.offers[0]?.slice(5) ?? '', 'base64');
  return send(authenticate(challenge, user, password));
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

const negotiate = (): string => {
  const message = Buffer.alloc(32);
  message.write('NTLMSSP\0', 'latin1');
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(0xa2088207, 12);
  return `NTLM ${message.toString('base64')}`;
};

/** The third message, as MS-NLMP 3.3.2 has it. */
export function authenticate(challenge: Buffer, user: string, password: string): string {
  const key = createHmac('md5', md4(utf16(password)))
    .update(utf16(`${user.toUpperCase()}LOCKSTEP`))
    .digest();
  const info = challenge.subarray(challenge.readUInt32LE(44), challenge.readUInt32LE(44) + challenge.readUInt16LE(40));
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(8),
    randomBytes(8),
    Buffer.alloc(4),
    info,
    Buffer.alloc(4),
  ]);
  const proof = createHmac('md5', key).update(challenge.subarray(24, 32)).update(blob).digest();
  const parts = [
    Buffer.alloc(24),
    Buffer.concat([proof, blob]),
    utf16('LOCKSTEP'),
    utf16(user),
    utf16('PC'),
    Buffer.alloc(0),
  ];
  const head = Buffer.alloc(64);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(3, 8);
  let offset = head.length;
  for (const [index, part] of parts.entries()) {
    head.writeUInt16LE(part.length, 12 + index * 8);
    head.writeUInt16LE(part.length, 14 + index * 8);
    head.writeUInt32LE(offset, 16 + index * 8);
    offset += part.length;
  }
  head.writeUInt32LE(0xa2088205, 60);
  return `NTLM ${Buffer.concat([head, ...parts]).toString('base64')}`;
}
