// The headers of a write: who writes, and which revision they have seen.
import type { Data } from '@lockstep/contracts';
import { Type } from 'typebox';
import type { Writer } from '../store/record.ts';
import { refusedField } from './problem.ts';

export const WriteHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description:
        'The ETag of the revision that this change is based on. Another one is refused with 412. Without it the last writer wins.',
      examples: ['"17"'],
    }),
  ),
  'x-lockstep-author': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Who makes this change, for the revisions.',
      default: 'administrator',
    }),
  ),
});

/** The ETag that every read of a section or link gives. */
export const etagHeader = { headers: { etag: { type: 'string', description: 'The revision, for If-Match.' } } };

export const etagOf = (tag: string | number): string => `"${tag}"`;

export function writerOf(headers: Data<typeof WriteHeaders>): Writer {
  return { author: authorOf(headers['x-lockstep-author']), ifMatch: tagsOf(headers['if-match']) };
}

/** Node reads header bytes as Latin-1; names are sent as UTF-8. */
function authorOf(header: string | undefined): string {
  if (header === undefined) return 'administrator';
  const utf8 = Buffer.from(header, 'latin1').toString('utf8');
  return utf8.includes('\ufffd') ? header : utf8;
}

/** The tags of RFC 9110 §13.1.1. `*` means whatever is there. A number without quotes is accepted as people type it. */
function tagsOf(header: string | undefined): readonly string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map((part) => {
    const tag = /^\s*(?:W\/)?"?([A-Za-z0-9_-]+)"?\s*$/.exec(part)?.[1];
    if (tag === undefined)
      throw refusedField('if-match', 'if-match must be an ETag in quotes, as a read gave it, or *');
    return tag;
  });
}
