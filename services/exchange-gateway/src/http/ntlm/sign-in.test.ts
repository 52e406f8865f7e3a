// Against servers that stop in the middle of a handshake, and one that looks at what binds it to TLS.
import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectionPool, type Via } from '../connection-pool.ts';
import { makeRoute } from '../route.ts';
import { type Post, Transport } from '../transport.ts';
import { channelBindingsOf } from './channel-bindings.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** A second message with a domain and an end, nothing more. */
function challenge(): string {
  const info = Buffer.from('02000200410000000000', 'hex');
  const head = Buffer.alloc(48);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(0x00888205, 20);
  head.write('01234567', 24, 'latin1');
  head.writeUInt16LE(info.length, 40);
  head.writeUInt32LE(48, 44);
  return Buffer.concat([head, info]).toString('base64');
}

const account = { userName: 'sync', domain: 'CORP', password: 'geheim' };
const offer = (response: ServerResponse, ...offers: readonly string[]) =>
  response.writeHead(401, { 'www-authenticate': [...offers] }).end();
/** 1, 3, or 0 where there is no message. */
const typeOf = ({ headers }: IncomingMessage): number => {
  const [, token = ''] = (headers.authorization ?? '').split(' ');
  return token === '' ? 0 : Buffer.from(token, 'base64').readUInt32LE(8);
};

async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  tls?: { readonly cert: string; readonly key: string },
) {
  const types: number[] = [];
  const bodies: string[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const piece of request) body += piece;
    types.push(typeOf(request));
    bodies.push(body);
    answer(request, response);
  };
  const server: Server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const monotonic = () => performance.now();
  const pool = new ConnectionPool({ maxIdle: 8, idleMs: 50_000, freshMs: 4_000, connectTimeoutMs: 5_000, monotonic });
  const transport = new Transport({ pool, userAgent: 'Lockstep/test', maxAnswerBytes: 100_000, monotonic });
  ended.push(async () => {
    await pool.closeIdle();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const via: Via = { route: makeRoute({ authorities: tls?.cert ?? '' }), ntlm: account };
  const url = new URL(`http${tls === undefined ? '' : 's'}://127.0.0.1:${port}/EWS`);
  const post = (changes: Partial<Post> = {}) =>
    transport.post({
      ...{ url, via, headers: {}, body: 'the request', timeoutMs: 10_000 },
      purpose: 'write',
      signal: new AbortController().signal,
      mayStart: () => true,
      ...changes,
    });
  return { post, via, url, types, bodies, transport };
}

/** Takes every account, as a server that knows the connection. */
const welcoming = (request: IncomingMessage, response: ServerResponse) => {
  if (typeOf(request) === 1) offer(response, 'Negotiate', `NTLM ${challenge()}`);
  else response.end('done');
};

describe('a handshake', () => {
  test('sends the request itself only with the proof, and later ones without a handshake', async () => {
    const { post, types, bodies } = await serving(welcoming);
    expect(await post()).toMatchObject({ status: 200, text: 'done' });
    expect(await post()).toMatchObject({ status: 200 });
    expect(types).toEqual([1, 3, 0]);
    expect(bodies).toEqual(['', 'the request', 'the request']);
  });

  test('is made anew on a connection of another account', async () => {
    const { post, types, via } = await serving(welcoming);
    await post();
    await post({ via: { ...via, ntlm: { ...account, userName: 'other' } } });
    await post({ via: { ...via, ntlm: { ...account, password: 'changed' } } });
    await post({ via: { route: via.route } });
    expect(types).toEqual([1, 3, 1, 3, 1, 3, 0]);
  });

  test('of which the call may not go on ends unsent', async () => {
    const { post, types } = await serving(welcoming);
    await expect(post({ mayGoOn: () => false })).rejects.toMatchObject({ failure: 'aborted', sent: false });
    expect(types).toEqual([1]);
  });

  test('that may not begin sends nothing', async () => {
    const { post, types } = await serving(welcoming);
    await expect(post({ mayStart: () => false })).rejects.toMatchObject({ failure: 'aborted', sent: false });
    expect(types).toEqual([]);
  });

  test('does not go on where the server closed the connection in between', async () => {
    const { post, types } = await serving((request, response) => {
      response.setHeader('connection', 'close');
      welcoming(request, response);
    });
    await expect(post()).rejects.toMatchObject({
      ...{ failure: 'network', sent: false, systemCode: 'NTLM_CONNECTION_CLOSED' },
    });
    expect(types).toEqual([1]);
  });

  test('that the server breaks off leaves a write unsent; one of the proof does not', async () => {
    const first = await serving((request) => request.socket.destroy());
    await expect(first.post()).rejects.toMatchObject({ failure: 'network', sent: false });
    const second = await serving((request, response) =>
      typeOf(request) === 1 ? welcoming(request, response) : request.socket.destroy(),
    );
    await expect(second.post()).rejects.toMatchObject({ failure: 'network', sent: true });
  });

  test('takes place within Negotiate where NTLM alone is not offered', async () => {
    const schemes: string[] = [];
    const { post } = await serving((request, response) => {
      const [scheme = ''] = (request.headers.authorization ?? '').split(' ');
      schemes.push(scheme);
      if (scheme === 'NTLM') offer(response, 'Negotiate');
      else if (typeOf(request) === 1) offer(response, `Negotiate ${challenge()}`);
      else response.end('done');
    });
    expect(await post()).toMatchObject({ status: 200 });
    expect(schemes).toEqual(['NTLM', 'Negotiate', 'Negotiate']);
  });

  test.each([
    ['refuses it', 401, ['Basic realm="x"']],
    ['damages its challenge', 401, ['NTLM bm90aGluZw==']],
    ['is busy', 503, []],
  ])('with a server that %s ends with that answer', async (_, status, offers) => {
    const { post, types } = await serving((__, response) =>
      response.writeHead(status, { 'www-authenticate': [...offers] }).end(),
    );
    expect(await post()).toMatchObject({ status });
    expect(types).toEqual([1]);
  });

  test('comes before a stream, too, on a connection of its own', async () => {
    const { transport, via, url, types, post } = await serving(welcoming);
    await post();
    const pieces: string[] = [];
    const answer = await transport.stream({
      ...{ url, via, headers: {}, body: 'stream', signal: new AbortController().signal, idleMs: 5_000 },
      mayStart: () => true,
      onData: (piece) => pieces.push(piece.toString()),
    });
    expect([answer.status, pieces.join('')]).toEqual([200, 'done']);
    expect(types).toEqual([1, 3, 1, 3]);
  });
});

test('over TLS the proof is bound to the certificate of the server', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-384' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=127.0.0.1', signingAlgorithm: algorithm, keys },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const cert = made.toString('pem');
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const proofs: Buffer[] = [];
  const { post } = await serving(
    (request, response) => {
      if (typeOf(request) === 3) proofs.push(Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64'));
      welcoming(request, response);
    },
    { cert, key },
  );
  expect(await post()).toMatchObject({ status: 200 });
  const bound = Buffer.concat([Buffer.from('0a001000', 'hex'), channelBindingsOf(new X509Certificate(cert))]);
  expect(proofs[0]?.includes(bound)).toBe(true);
});
