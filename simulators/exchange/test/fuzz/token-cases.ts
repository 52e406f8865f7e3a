// Ids, change keys, cookies and watermarks that are damaged: as text, as bytes, and as bytes whose checksum fits again.
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Tokens } from './documents.ts';
import { share } from './share.ts';

type Damage =
  | { readonly kind: 'text'; readonly at: number; readonly text: string; readonly removed: number }
  | {
      readonly kind: 'bytes';
      readonly at: number;
      readonly bytes: Uint8Array;
      readonly seal: 'none' | 'front' | 'back';
    }
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string; readonly value: unknown };

export interface TokenCase {
  readonly token: keyof Tokens;
  readonly damage: Damage;
}

const fields = fc.constantFrom('scope', 'mailboxGuid', 'folder', 'named', 'upTo', 'below', '__proto__', 'x');
const fieldValues = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 0.5, 1e300, Number.MAX_SAFE_INTEGER, '', 'items', 'folders', 'x', [], {}),
  fc.jsonValue({ maxDepth: 1 }),
);

export const tokenCase: fc.Arbitrary<TokenCase> = fc.record({
  token: fc.constantFrom(
    'item',
    'changeKey',
    'master',
    'folder',
    'syncState',
    'hierarchyState',
    'streaming',
    'pull',
    'watermark',
  ),
  damage: fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      at: share,
      text: fc.oneof(
        fc.constantFrom('', '=', ' ', '-', '_', '\n', '+', '/', 'A', '\u0000', '😀', 'x'.repeat(70_000)),
        fc.string({ maxLength: 4 }),
      ),
      removed: fc.constantFrom(0, 1, 4, 1000),
    }),
    fc.record({
      kind: fc.constant('bytes' as const),
      at: share,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
      seal: fc.constantFrom('none' as const, 'front' as const, 'back' as const),
    }),
    fc.record({
      kind: fc.constant('json' as const),
      text: fc.oneof(fc.json({ maxDepth: 1 }), fc.constantFrom('', '{', 'null')),
    }),
    fc.record({ kind: fc.constant('field' as const), name: fields, value: fieldValues }),
  ),
});

/** The token after it was damaged; it may hold any character. */
export function damaged(token: string, damage: Damage): string {
  if (damage.kind === 'text') {
    const at = Math.floor(damage.at * token.length);
    return token.slice(0, at) + damage.text + token.slice(at + damage.removed);
  }
  const bytes = Buffer.from(token, 'base64');
  if (damage.kind === 'bytes') {
    bytes.set(
      damage.bytes.subarray(0, bytes.length),
      Math.floor(damage.at * Math.max(1, bytes.length - damage.bytes.length)),
    );
    return sealed(bytes, damage.seal).toString('base64');
  }
  const text =
    damage.kind === 'json' ? damage.text : withField(bytes.subarray(4).toString(), damage.name, damage.value);
  return sealed(Buffer.concat([Buffer.alloc(4), Buffer.from(text)]), 'front').toString('base64');
}

function withField(text: string, name: string, value: unknown): string {
  try {
    return JSON.stringify({ ...(JSON.parse(text) as object), [name]: value });
  } catch {
    return text; // not one that holds JSON
  }
}

/** Makes the checksum right, where the token keeps it. */
function sealed(bytes: Buffer, seal: 'none' | 'front' | 'back'): Buffer {
  if (seal === 'none' || bytes.length < 5) return bytes;
  const end = bytes.length - 4;
  if (seal === 'front') bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0);
  else bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}
