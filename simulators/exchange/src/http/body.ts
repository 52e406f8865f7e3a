// Reads a request body up to a limit, as UTF-8 and nothing else.
import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooBig' }
  | { readonly kind: 'notUtf8' };

/** @throws Error when the client goes away in the middle */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  // Listeners instead of `for await`: this is on the way of every request, and costs half.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
    });
    request.on('end', () => resolve(size > maxBytes ? { kind: 'tooBig' } : decode(Buffer.concat(chunks))));
    request.on('error', reject);
    request.on('close', () => reject(new Error('The client went away.')));
  });
}

function decode(bytes: Buffer): BodyResult {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: 'notUtf8' };
  }
}
