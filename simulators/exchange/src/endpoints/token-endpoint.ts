// POST /<tenant>/oauth2/v2.0/token: tokens for client credentials, as the identity service of Exchange Online gives them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/body.ts';
import type { Simulator } from '../simulator.ts';

const maxBodyBytes = 64 * 1024;
const tokenLifeMs = 3_600_000;

export async function serveToken(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, maxBodyBytes);
  const form = new URLSearchParams(body.kind === 'text' ? body.text : '');
  if (form.get('grant_type') !== 'client_credentials') return send(response, 400, { error: 'unsupported_grant_type' });
  if (!/\/\.default$/.test(form.get('scope') ?? '')) return send(response, 400, { error: 'invalid_scope' });
  const token = simulator.tokens.grant(form.get('client_id') ?? '', form.get('client_secret') ?? '', tokenLifeMs);
  if (token === undefined) return send(response, 401, { error: 'invalid_client' });
  send(response, 200, {
    token_type: 'Bearer',
    expires_in: tokenLifeMs / 1000,
    ext_expires_in: tokenLifeMs / 1000,
    access_token: token,
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
