// What hangs on an item, and the ids of it: the id of what it hangs on, its number there, and a checksum. An item that is
// attached can carry attachments itself, so an id can be as long as the chain is deep.
import { crc32 } from 'node:zlib';
import { type ObjectId, readId } from './ids.ts';
import type { Attachment } from './item.ts';

/** How deep attachments may hang on attachments. */
export const maxAttachmentLevels = 10;

const tailBytes = 8;

export interface AttachmentId {
  readonly owner: ObjectId;
  /** The numbers from the item down to the attachment. */
  readonly path: readonly number[];
}

/** @param parent the id of the item, or of the attachment, that it hangs on */
export function writeAttachmentId(parent: string, number: number): string {
  const head = Buffer.from(parent, 'base64');
  const bytes = Buffer.alloc(head.length + tailBytes);
  bytes.set(head, 0);
  bytes.writeUInt32BE(number, head.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, head.length + 4)), head.length + 4);
  return bytes.toString('base64');
}

/** Undefined when it is not the id of an attachment. */
export function readAttachmentId(text: string): AttachmentId | undefined {
  let bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return undefined;
  const path: number[] = [];
  while (bytes.length > tailBytes && path.length < maxAttachmentLevels) {
    const end = bytes.length - tailBytes;
    if (bytes.readUInt32BE(end + 4) !== crc32(bytes.subarray(0, end + 4))) return undefined;
    path.unshift(bytes.readUInt32BE(end));
    bytes = bytes.subarray(0, end);
    const owner = readId(bytes.toString('base64'));
    if (owner !== undefined) return owner.kind === 'folder' ? undefined : { owner, path };
  }
  return undefined;
}

/** The attachments from the item down to the one at the path; undefined when it is gone. */
export function attachmentChain(
  attachments: readonly Attachment[],
  path: readonly number[],
): readonly Attachment[] | undefined {
  const chain: Attachment[] = [];
  let here = attachments;
  for (const number of path) {
    const found = here.find((each) => each.number === number);
    if (found === undefined) return undefined;
    chain.push(found);
    here = found.content.kind === 'item' ? found.content.attachments : [];
  }
  return chain;
}

/** The same without the one at the path. */
export function withoutAttachment(attachments: readonly Attachment[], path: readonly number[]): readonly Attachment[] {
  const [number, ...rest] = path;
  if (rest.length === 0) return attachments.filter((each) => each.number !== number);
  return attachments.map((each) => {
    if (each.number !== number || each.content.kind !== 'item') return each;
    return { ...each, content: { ...each.content, attachments: withoutAttachment(each.content.attachments, rest) } };
  });
}

/** About how many bytes it takes. */
export function attachmentBytes({ content }: Attachment): number {
  if (content.kind === 'file') return Buffer.byteLength(content.base64, 'base64');
  const below = content.attachments.reduce((sum, each) => sum + attachmentBytes(each), 0);
  return JSON.stringify(content.values).length + below;
}
