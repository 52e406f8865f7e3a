// GET /OAB/<guid>/...: the manifest and the data files, for those who may log on.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Simulator } from '../simulator.ts';

export function serveOab(simulator: Simulator, request: IncomingMessage, response: ServerResponse): void {
  const access = simulator.authenticator.authenticate(request);
  if (access.kind === 'refused') {
    send(response, access.status, 'text/plain', Buffer.alloc(0), access.headers);
    return;
  }
  const path = (request.url ?? '').split('?')[0] ?? '';
  const [, guid, name] = /^\/OAB\/([^/]+)\/([^/]*)$/i.exec(path) ?? [];
  const known = guid?.toLowerCase() === simulator.oab.guid && name !== undefined && name !== '';
  if (!known) {
    send(response, 404, 'text/plain', Buffer.from('Not found\n'));
    return;
  }
  if (name.toLowerCase() === 'oab.xml') {
    const manifest = simulator.oab.manifest();
    simulator.recorder?.record('oab-manifest', manifest);
    send(response, 200, 'text/xml', Buffer.from(manifest));
    return;
  }
  const file = simulator.oab.file(name);
  if (file === undefined) {
    send(response, 404, 'text/plain', Buffer.from('Not found\n'));
    return;
  }
  send(response, 200, 'application/octet-stream', file);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Buffer,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': body.length });
  response.end(body);
}
