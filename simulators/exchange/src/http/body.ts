// Reads a request body up to a limit, as UTF-8 and nothing else.
import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooBig' }
  | { readonly kind: 'notUtf8' };

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= maxBytes) chunks.push(bytes);
  }
  if (size > maxBytes) return { kind: 'tooBig' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
    return { kind: 'text', text };
  } catch {
    return { kind: 'notUtf8' };
  }
}
