// What the simulator serves as its offline address book, and the same compressed, as a decoder by others reads it.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all } from '../ews-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { type DetailsRecord, readDetails } from './details-reader.ts';
import { type ContainerOptions, seededCrc, words, writeCompressed } from './lzx-container.ts';
import type { BlockKind } from './lzx-encoder.ts';
import { MspackDecoder } from './mspack-decoder.ts';

const decoder = await MspackDecoder.build();
const frameBytes = 0x8000;
const inBlocks = (...kinds: BlockKind[]): ContainerOptions => ({
  kinds,
  blockBytes: 4 * frameBytes,
  storeEvery: 0,
  translationSize: 0,
});

const people = Array.from({ length: 1500 }, (_, index) => ({
  address: `person${index}@lockstep.test`,
  displayName: index % 3 === 0 ? `Ærlig Ødegård ${index} 山田` : `Person ${index}`,
}));
const basic = { Authorization: `Basic ${Buffer.from('alice@lockstep.test:lockstep').toString('base64')}` };

let server: TestServer;
let served: Buffer;
beforeAll(async () => {
  server = await startTestServer();
  await server.control('POST', 'seed', { mailboxes: people });
  served = await download();
});
afterAll(async () => {
  await server.finish();
  await decoder?.close();
});

async function fetchFile(path: string): Promise<Buffer> {
  const answer = await fetch(`${server.simulator.url}${path}`, { headers: basic });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** The full file as the manifest names it. */
async function download(): Promise<Buffer> {
  const { path } = (await server.control('GET', 'oab')) as { path: string };
  const manifest = (await fetchFile(`${path}oab.xml`)).toString();
  const [full] = all(manifest, 'Full');
  const file = await fetchFile(`${path}${full?.text.trim()}`);
  expect(full?.attributes).toMatchObject({
    ver: '32',
    size: String(file.length),
    uncompressedsize: String(file.readUInt32LE(12)),
  });
  expect(full?.attributes['SHA']?.toLowerCase()).toBe(createHash('sha1').update(file).digest('hex'));
  return file;
}

/** The blocks of a file that has stored ones only, joined. */
function storedContent(file: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 16; at < file.length; ) {
    const [flags, packed, plain, crc] = [0, 4, 8, 12].map((offset) => file.readUInt32LE(at + offset));
    const block = file.subarray(at + 16, at + 16 + (packed ?? 0));
    expect([flags, plain, crc]).toEqual([0, block.length, seededCrc(block)]);
    blocks.push(block);
    at += 16 + block.length;
  }
  return Buffer.concat(blocks);
}

const whoIs = (person: DetailsRecord): readonly unknown[] =>
  [0x39fe001f, 0x3001001f, 0x3a00001f, 0x800f101f, 0x39000003, 0x0ffe0003].map((tag) => person.get(tag));

async function seededPeople(): Promise<readonly (readonly unknown[])[]> {
  const mailboxes = (await server.control('GET', 'mailboxes')) as readonly { address: string; displayName: string }[];
  return mailboxes.map(({ address, displayName }) => [
    address,
    displayName,
    address.split('@')[0],
    [`SMTP:${address}`],
    0,
    6,
  ]);
}

describe('the served address book', () => {
  it('has every mailbox once, found by its own key', async () => {
    const details = readDetails(storedContent(served));
    expect(details.people.map(whoIs)).toEqual(await seededPeople());
    expect(details.people).toHaveLength(people.length + 4);
    expect(details.primaryKeys).toEqual([0x3003001e]);
    expect(new Set(details.people.map((person) => person.get(0x3003001e))).size).toBe(details.people.length);
  });

  it('says in its first record what list it is', () => {
    const { head } = readDetails(storedContent(served));
    expect([head.get(0x6800001f), head.get(0x68010003)]).toEqual(['\\Global Address List', 1]);
    expect(head.get(0x6802001e)).toMatch(/^[-0-9a-f]{36}$/);
  });
});

describe.skipIf(decoder === undefined)('libmspack', () => {
  const decode = (file: Buffer): Promise<Buffer> => decoder?.decode(file) ?? Promise.resolve(Buffer.alloc(0));

  it('decodes the served file to the same users', async () => {
    const plain = await decode(served);
    expect(plain.equals(storedContent(served))).toBe(true);
    expect(readDetails(plain).people.map(whoIs)).toEqual(await seededPeople());
  });

  const variants: readonly (readonly [string, ContainerOptions])[] = [
    ['verbatim blocks', inBlocks('verbatim')],
    ['aligned offset blocks', inBlocks('aligned')],
    ['uncompressed blocks', inBlocks('uncompressed')],
    ['all kinds of block in turn', inBlocks('uncompressed', 'verbatim', 'aligned')],
    ['compressed and stored blocks in one container', { ...inBlocks('verbatim', 'aligned'), storeEvery: 2 }],
    ['one block in a bigger window', { ...inBlocks('aligned', 'verbatim'), blockBytes: 1024 * 1024 }],
    ['calls translated', { ...inBlocks('verbatim', 'uncompressed'), translationSize: 12_000_000 }],
  ];
  it.each(variants)('decodes it compressed with %s to the same users', async (_name, options) => {
    const content = storedContent(served);
    const file = writeCompressed(content, options);
    const plain = await decode(file);
    expect(plain.equals(content)).toBe(true);
    expect(readDetails(plain).people.map(whoIs)).toEqual(await seededPeople());
  });

  it('reads a compressed file that is much smaller than the served one', async () => {
    expect(writeCompressed(storedContent(served), inBlocks('verbatim')).length).toBeLessThan(served.length / 2);
  });

  const contents: readonly (readonly [string, Buffer])[] = [
    ['one byte', Buffer.from('a')],
    ['an odd number of bytes', Buffer.from('abcabcabcabcabcab!')],
    ['one frame to the byte', pattern(frameBytes, 7)],
    ['one byte more than a frame', pattern(frameBytes + 1, 7)],
    ['a block to the byte', pattern(4 * frameBytes, 251)],
    ['nothing but zeros, in matches of 32 KiB', Buffer.alloc(3 * frameBytes + 5)],
    ['noise that has no matches', noise(2 * frameBytes + 3)],
    ['matches of every length', staircase(400)],
    ['calls', calls(2 * frameBytes + 100)],
  ];
  it.each(contents)('decodes %s in each kind of block', async (_name, content) => {
    for (const kind of ['verbatim', 'aligned', 'uncompressed'] as const) {
      for (const translationSize of [0, 100_000]) {
        const plain = await decode(writeCompressed(content, { ...inBlocks(kind), translationSize }));
        expect(plain.equals(content), `${kind} ${translationSize}`).toBe(true);
      }
    }
  });

  it('decodes an uncompressed block put together by hand', async () => {
    const content = Buffer.from('hello');
    // Words: chunk size; then bit 0 (no translation), 011 (uncompressed), 000000000000000000000101 (5 bytes), and 4 bits of filling.
    const block = Buffer.from('1600' + '0030' + '5000' + '010000000100000001000000' + '68656c6c6f' + '00', 'hex');
    const head = [...[3, 1, frameBytes, 5], ...[1, block.length, 5, seededCrc(content)]];
    expect((await decode(Buffer.concat([words(...head), block]))).toString()).toBe('hello');
  });

  it('refuses a file with a changed byte, so that agreement means something', async () => {
    const file = writeCompressed(storedContent(served), inBlocks('verbatim'));
    const damaged = Buffer.from(file);
    damaged[file.length - 100] = (file[file.length - 100] ?? 0) ^ 0x10;
    await expect(decode(damaged)).rejects.toMatchObject({ code: expect.any(Number) });
    const wrongSum = Buffer.from(file);
    wrongSum[28] = (file[28] ?? 0) ^ 1;
    await expect(decode(wrongSum)).rejects.toMatchObject({ code: 9 });
  });
});

function pattern(length: number, period: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => at % period));
}

/** The same in every run. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}

/** Runs of 3, 4, 5 ... bytes, each there before, each between different bytes. */
function staircase(longest: number): Buffer {
  const base = noise(longest);
  const steps = Array.from({ length: longest - 2 }, (_, index) =>
    Buffer.concat([base.subarray(0, index + 3), noise(index + 9).subarray(index)]),
  );
  return Buffer.concat([base, ...steps]);
}

/** Call instructions with near, far, and impossible targets. */
function calls(length: number): Buffer {
  const content = noise(length);
  for (let at = 0; at + 5 < length; at += 97) {
    content[at] = 0xe8;
    content.writeInt32LE(at % 2 === 0 ? (at * 31) % 90_000 : -at, at + 1);
  }
  return content;
}
