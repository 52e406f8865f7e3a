// A chunk of a mailbox's links as it is stored: compressed JSON. A chunk that would grow beyond the limit becomes a
// signpost to two halves, so that no stored value ever comes near the bucket's limit.
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Data, type LinkId, type MailboxKey, recordVersion, storedRecord } from '@lockstep/contracts';
import { Type } from 'typebox';
import { StoredLink } from './link.ts';

export const chunkCount = 16;
const chunkBits = 4;
/** Hash bits that choose a place; 4 for the chunk, the rest for its halves. */
const placeBits = 32;

const version = 1;

/** `links` holds the links of this place; `split` says that they are in the two halves below it. */
const LinkChunk = Type.Object({
  v: recordVersion,
  epoch: Type.Integer(),
  kind: Type.Union([Type.Literal('links'), Type.Literal('split')]),
  links: Type.Array(StoredLink),
});
export type LinkChunk = Data<typeof LinkChunk>;

/** In the bucket `links`. */
export const linkChunk = storedRecord({
  name: 'link chunk',
  version,
  schema: LinkChunk,
  decode: (bytes) => JSON.parse(inflateRawSync(bytes).toString('utf8')),
});

/** A chunk's place: the leading bits of the hash of the link ids in it, as text of 0 and 1, at least four. */
export type ChunkPlace = string;

/** The 32 bits that place a link. */
export function placeOf(linkId: LinkId): ChunkPlace {
  const bits = createHash('sha256').update(linkId).digest().readUInt32BE(0);
  return bits.toString(2).padStart(placeBits, '0');
}

/** The 16 places that every mailbox begins with. */
export const firstPlaces: readonly ChunkPlace[] = Array.from({ length: chunkCount }, (_, chunk) =>
  chunk.toString(2).padStart(chunkBits, '0'),
);

export const halvesOf = (place: ChunkPlace): readonly [ChunkPlace, ChunkPlace] => [`${place}0`, `${place}1`];

/** `<mailbox>.<0-15>`, and for a half the further bits behind another dot: `<mailbox>.3.01`. */
export function chunkKey(mailbox: MailboxKey, place: ChunkPlace): string {
  const chunk = Number.parseInt(place.slice(0, chunkBits), 2);
  const half = place.slice(chunkBits);
  return half === '' ? `${mailbox}.${chunk}` : `${mailbox}.${chunk}.${half}`;
}

export function encodeChunk(kind: LinkChunk['kind'], epoch: number, links: readonly StoredLink[]): Uint8Array {
  return deflateRawSync(JSON.stringify({ v: version, epoch, kind, links }), { level: 1 });
}
