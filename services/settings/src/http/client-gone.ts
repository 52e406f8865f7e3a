// Tells when the client no longer waits. Fastify's `request.signal` follows the request's `close`, which also comes when a body was
// read to its end: with a body it may abort what has just begun, or never tell at all.
import type { ServerResponse } from 'node:http';

/** Aborted when the connection ends before the answer is written. */
export function clientGone(reply: { readonly raw: ServerResponse }): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
