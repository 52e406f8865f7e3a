// The transport against a server that behaves badly on purpose.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectionPool } from './connection-pool.ts';
import { CookieJar } from './cookies.ts';
import { makeRoute } from './route.ts';
import { type Post, Transport } from './transport.ts';
import { TransportError } from './transport-error.ts';

type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function hostile(behaviour: Behaviour) {
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  let opened = 0;
  const server: Server = createServer(async (request, response) => {
    requests.push(request);
    let body = '';
    for await (const piece of request) body += piece;
    behaviour(request, response, body);
  });
  server.on('connection', (socket) => {
    opened++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const time = { nowMs: 0 };
  const monotonic = () => time.nowMs;
  const pool = new ConnectionPool({ maxIdle: 2, idleMs: 50_000, freshMs: 4_000, connectTimeoutMs: 5_000, monotonic });
  const transport = new Transport({ pool, userAgent: 'Lockstep/test', maxAnswerBytes: 100_000, monotonic });
  ended.push(async () => {
    await pool.closeIdle();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const post = (changes: Partial<Post> = {}): Post => ({
    url: new URL(`http://127.0.0.1:${port}/EWS/Exchange.asmx?x=1`),
    via: { route: makeRoute({ authorities: '' }) },
    headers: { Authorization: 'Basic c2VjcmV0', 'client-request-id': 'token-1' },
    body: 'R&D Ærø 🙂',
    purpose: 'read',
    signal: new AbortController().signal,
    timeoutMs: 10_000,
    mayStart: () => true,
    ...changes,
  });
  return { transport, pool, post, requests, time, sockets, opened: () => opened, port };
}

const failureOf = async (promise: Promise<unknown>): Promise<TransportError> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TransportError)) throw new Error(`no TransportError but ${String(error)}`);
  return error;
};

describe('a request', () => {
  test('arrives whole with its headers, and so does the answer', async () => {
    const { transport, post, requests } = await hostile((_, response, body) => response.end(`got ${body}`));
    const answer = await transport.post(post());
    expect(answer).toMatchObject({ status: 200, text: 'got R&D Ærø 🙂' });
    expect(requests[0]?.url).toBe('/EWS/Exchange.asmx?x=1');
    expect(requests[0]?.headers).toMatchObject({
      'user-agent': 'Lockstep/test',
      'client-request-id': 'token-1',
      'content-type': 'text/xml; charset=utf-8',
    });
  });

  test('reads gzip, refuses damaged gzip and one that grows too large', async () => {
    const bodies = [gzipSync('packed'), Buffer.from('not gzip'), gzipSync(Buffer.alloc(1_000_000))];
    const { transport, post } = await hostile((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bodies.shift());
    });
    expect((await transport.post(post())).text).toBe('packed');
    expect((await failureOf(transport.post(post()))).failure).toBe('unreadable');
    expect((await failureOf(transport.post(post()))).failure).toBe('unreadable');
  });

  test('is never followed to another address', async () => {
    const { transport, post, requests } = await hostile((_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/steal' }).end();
    });
    expect(await transport.post(post())).toMatchObject({ status: 302 });
    expect(requests).toHaveLength(1);
  });

  test('brings cookies back to the server, in the jar that it was given', async () => {
    const { transport, post, requests } = await hostile((_, response) => {
      response.setHeader('set-cookie', ['X-BackEndOverrideCookie=srv~1; path=/; secure; HttpOnly', 'a=b']).end('x');
    });
    const cookies = new CookieJar(4);
    await transport.post(post({ cookies }));
    await transport.post(post({ cookies }));
    await transport.post(post());
    expect(requests.map((request) => request.headers.cookie)).toEqual([
      undefined,
      'X-BackEndOverrideCookie=srv~1; a=b',
      undefined,
    ]);
  });

  test('keeps connections alive, but puts no write on one that has rested', async () => {
    const { transport, post, time, opened } = await hostile((_, response) => response.end('x'));
    await transport.post(post());
    await transport.post(post({ purpose: 'write' }));
    expect(opened()).toBe(1);
    time.nowMs += 10_000;
    await transport.post(post());
    expect(opened()).toBe(1);
    time.nowMs += 10_000;
    await transport.post(post({ purpose: 'write' }));
    expect(opened()).toBe(2);
  });
});

test('a connection of one route is never used for another', async () => {
  const { transport, post, opened } = await hostile((_, response) => response.end('x'));
  const proxied = makeRoute({ authorities: '', proxy: { url: new URL('http://127.0.0.1:1') } });
  await transport.post(post());
  await transport.post(post({ via: { route: makeRoute({ authorities: '' }) } }));
  expect(opened(), 'equal routes are one').toBe(1);
  const error = await failureOf(transport.post(post({ via: { route: proxied } })));
  expect(error).toMatchObject({ failure: 'network', sent: false, systemCode: 'ECONNREFUSED' });
});

describe('a failure', () => {
  test('of a connection that nobody accepts is known as unsent', async () => {
    const { transport, post, port } = await hostile(() => undefined);
    await ended.pop()?.();
    const error = await failureOf(transport.post(post()));
    expect(error).toMatchObject({ failure: 'network', sent: false, systemCode: 'ECONNREFUSED' });
    expect(port).toBeGreaterThan(0);
  });

  test('of a reset or a cut answer is known as sent', async () => {
    const cuts: Behaviour[] = [
      (request) => request.socket.resetAndDestroy(),
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setImmediate(() => response.destroy());
      },
    ];
    const { transport, post } = await hostile((...args) => cuts.shift()?.(...args));
    for (let cut = 0; cut < 2; cut++) {
      expect(await failureOf(transport.post(post()))).toMatchObject({
        failure: 'network',
        sent: true,
        onReused: false,
      });
    }
  });

  test('of a kept-alive connection says that it was one', async () => {
    let answered = 0;
    const { transport, post } = await hostile((request, response) => {
      if (answered++ === 0) response.end('x');
      else request.socket.destroy();
    });
    await transport.post(post());
    expect(await failureOf(transport.post(post()))).toMatchObject({ failure: 'network', sent: true, onReused: true });
  });

  test('by the time limit closes the socket before the call ends', async () => {
    const { transport, post, sockets } = await hostile(() => undefined);
    expect(await failureOf(transport.post(post({ timeoutMs: 50 })))).toMatchObject({ failure: 'timeout', sent: true });
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('by abort closes the socket', async () => {
    const controller = new AbortController();
    const { transport, post, sockets } = await hostile(() => controller.abort());
    expect(await failureOf(transport.post(post({ signal: controller.signal })))).toMatchObject({
      failure: 'aborted',
      sent: true,
    });
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('by an endless answer ends at the bound', async () => {
    const { transport, post } = await hostile((_, response) => {
      const flood = () => response.writable && response.write('x'.repeat(50_000), () => setImmediate(flood));
      flood();
    });
    expect((await failureOf(transport.post(post()))).failure).toBe('too-large');
  });

  test('shows neither body nor credentials', async () => {
    const { transport, post } = await hostile((request) => request.socket.destroy());
    const error = await failureOf(transport.post(post()));
    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/Basic|c2VjcmV0|R&D/);
  });

  test('that is forbidden before the first byte sends nothing', async () => {
    const { transport, post, requests } = await hostile((_, response) => response.end('x'));
    const asked: string[] = [];
    const mayStart = () => {
      asked.push('asked');
      return false;
    };
    expect(await failureOf(transport.post(post({ mayStart })))).toMatchObject({ failure: 'aborted', sent: false });
    const aborted = AbortSignal.abort();
    expect(await failureOf(transport.post(post({ signal: aborted })))).toMatchObject({
      failure: 'aborted',
      sent: false,
    });
    expect(asked).toHaveLength(1);
    await transport.post(post());
    expect(requests).toHaveLength(1);
  });
});

describe('a stream', () => {
  test('gives pieces as they come, on a connection of its own that ends with it', async () => {
    const { transport, post, sockets, requests } = await hostile((_, response) => {
      response.write('one');
      setImmediate(() => response.end('two'));
    });
    await transport.post(post());
    const pieces: string[] = [];
    const { timeoutMs: _, purpose: __, ...rest } = post();
    const answer = await transport.stream({ ...rest, idleMs: 5_000, onData: (piece) => pieces.push(piece.toString()) });
    expect([answer.status, pieces.join('')]).toEqual([200, 'onetwo']);
    await expect.poll(() => sockets.size).toBe(1);
    expect(requests[1]?.headers['accept-encoding']).toBeUndefined();
  });

  test('that is silent for too long is closed', async () => {
    const { transport, post, sockets } = await hostile((_, response) => response.write('one'));
    const { timeoutMs: _, purpose: __, ...rest } = post();
    const error = await failureOf(transport.stream({ ...rest, idleMs: 50, onData: () => undefined }));
    expect(error.failure).toBe('timeout');
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('whose reader refuses it is closed', async () => {
    const { transport, post } = await hostile((_, response) => response.write('rubbish'));
    const { timeoutMs: _, purpose: __, ...rest } = post();
    const onData = () => {
      throw new RangeError('too large');
    };
    expect((await failureOf(transport.stream({ ...rest, idleMs: 5_000, onData }))).failure).toBe('unreadable');
  });

  test('that is refused gives the refusal whole', async () => {
    const { transport, post } = await hostile((_, response) =>
      response.writeHead(503, { 'retry-after': '7' }).end('busy'),
    );
    const { timeoutMs: _, purpose: __, ...rest } = post();
    const answer = await transport.stream({ ...rest, idleMs: 5_000, onData: () => undefined });
    expect(answer).toMatchObject({ status: 503, text: 'busy', headers: { 'retry-after': '7' } });
  });
});
