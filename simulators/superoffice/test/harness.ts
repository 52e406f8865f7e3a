// Starts a simulator on a free port and talks to it as a client would. `closeAll` belongs into afterEach.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SuperOfficeSimulatorOptions, startSuperOfficeSimulator } from '../src/index.ts';

export const utc = { 'SO-TimeZone': 'UTC, includeTZOffset' };

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are outside data whose shape is what the tests check
  readonly body: any;
}

export interface Hook {
  readonly url: string;
  readonly received: readonly Delivery[];
  /** Status codes to answer with; the last one stays. */
  answers: number[];
}

export interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly body: any;
}

const closers: (() => Promise<void>)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function start(options: SuperOfficeSimulatorOptions = {}) {
  const simulator = await startSuperOfficeSimulator({ port: 0, webhookRetryWaitsMs: [1, 1], ...options });
  closers.push(() => simulator.close());
  const control = (method: string, path: string, body?: unknown) => call(method, simulator.controlUrl + path, body, {});
  const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(method, `${simulator.url}/api/v1${path}`, body, {
      authorization: basic('sync@lockstep.test', 'lockstep'),
      ...utc,
      ...headers,
    });
  const seeded = await control('POST', '/seed', {
    associates: ['alice', 'bob'].map((login) => ({
      login,
      password: 'lockstep',
      email: `${login}@lockstep.test`,
      fullName: `${login} Test`,
    })),
  });
  const idOf = (login: string): number =>
    seeded.body.associates.find((associate: { login: string }) => associate.login === login).id;
  return { simulator, control, api, idOf, alice: idOf('alice'), bob: idOf('bob'), sync: idOf('sync@lockstep.test') };
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export async function call(
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A receiver of webhooks on this machine. */
export async function receiver(): Promise<Hook> {
  const received: Delivery[] = [];
  const hook = { url: '', received, answers: [200] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      received.push({ headers: request.headers, raw, body: JSON.parse(raw.toString('utf8')) });
      response.statusCode = (hook.answers.length > 1 ? hook.answers.shift() : hook.answers[0]) ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/superoffice/Cust00001`;
  return hook;
}

/** Waits until the condition holds; fails after 30 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in 30 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
