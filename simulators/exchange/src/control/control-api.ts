// The control API under /control/: JSON, no authentication, loopback only. For tests and for people who try a client.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/body.ts';
import type { Simulator } from '../simulator.ts';
import { PlainText } from './control-call.ts';
import { ControlError } from './control-error.ts';
import { controlRoutes } from './control-routes.ts';
import { parseObject } from './json-input.ts';

const maxBodyBytes = 512 * 1024 * 1024;

/** Serves one call; never rejects. */
export async function serveControl(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isLoopback(request.socket.remoteAddress))
      throw new ControlError(403, 'The control API is for this machine only.');
    const result = await call(simulator, request);
    send(response, result === undefined ? 204 : 200, result);
  } catch (error) {
    if (error instanceof ControlError) return send(response, error.status, { error: error.message });
    send(response, 500, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function call(simulator: Simulator, request: IncomingMessage): Promise<unknown> {
  const { url, path } = readTarget(request.url ?? '/');
  for (const route of controlRoutes) {
    if (route.method !== request.method || route.path.length !== path.length) continue;
    const fits = route.path.every((part, index) => part.startsWith(':') || part === path[index]?.toLowerCase());
    if (!fits) continue;
    const parameters: Record<string, string> = {};
    for (const [index, part] of route.path.entries()) {
      if (part.startsWith(':')) parameters[part.slice(1)] = path[index] ?? '';
    }
    const body = request.method === 'GET' ? {} : await readJson(request);
    return route.run({ simulator, parameters, query: url.searchParams, body });
  }
  throw new ControlError(404, `There is no ${request.method} ${url.pathname}.`);
}

/** @throws ControlError for what is no path */
function readTarget(target: string): { readonly url: URL; readonly path: readonly string[] } {
  try {
    const url = new URL(`http://localhost${target}`);
    const below = url.pathname.replace(/^\/control\//i, '').replace(/\/$/, '');
    return { url, path: below.split('/').map(decodeURIComponent) };
  } catch {
    throw new ControlError(400, 'The path is not well-formed.');
  }
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(request, maxBodyBytes);
  if (body.kind !== 'text') throw new ControlError(400, 'The body is too big, or not UTF-8.');
  return parseObject(body.text);
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || address.replace('::ffff:', '').startsWith('127.'));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const plain = body instanceof PlainText;
  const text = plain ? body.text : body === undefined ? '' : JSON.stringify(body);
  const type = plain ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
