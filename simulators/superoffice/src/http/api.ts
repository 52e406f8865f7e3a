// Puts the handlers behind fastify: authentication, time zone header, JSON, error bodies, the request log and the
// scripted faults. Bodies are parsed here, because the product answers a broken one in its own words.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from '../access/authentication.ts';
import type { Tenant } from '../access/tenant.ts';
import { invalidRequest, SoError } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import { datesFor } from '../time/dates.ts';
import type { TimeZones } from '../time/time-zone.ts';
import type { AddRoute, Answer, Call, Handler } from './call.ts';
import type { FaultRule, Faults } from './faults.ts';
import type { RequestLog } from './request-log.ts';

export interface ApiParts {
  readonly server: FastifyInstance;
  /** `/Cust00001` */
  readonly basePath: string;
  readonly authentication: Authentication;
  readonly database: Database;
  readonly zones: TimeZones;
  readonly clock: Clock;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly tenant: Tenant;
}

/** What is known of a request before its handler runs. */
interface Known {
  readonly actor: AssociateRow | undefined;
  readonly fault: FaultRule | undefined;
  readonly end: (status: number, endMs: number) => void;
}

export class Api {
  readonly #parts: ApiParts;
  readonly #known = new WeakMap<FastifyRequest, Known>();
  readonly #hanging = new Set<() => void>();
  /** The verbs of each path below `/api/v1`. */
  readonly #offered = new Map<string, Set<string>>();

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.#addHooks();
  }

  /** Adds a route below `/api/v1` that needs a caller. */
  readonly add: AddRoute = (method, path, handler) => {
    const shown = path.replaceAll(/:(\w+)/g, '{$1}');
    this.#offered.set(shown, (this.#offered.get(shown) ?? new Set()).add(method));
    this.#route(method, `${this.#parts.basePath}/api/v1${path}`, handler, true);
  };

  /** Adds a route below the tenant that anyone may call. */
  readonly addOpen = (method: string, path: string, handler: Handler): void => {
    this.#route(method, this.#parts.basePath + path, handler, false);
  };

  /** Every address below `apiUrl` with its verbs, as clients use it to see what a tenant offers. */
  offered(apiUrl: string): Readonly<Record<string, readonly string[]>> {
    const paths = [...this.#offered].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(paths.map(([path, verbs]) => [apiUrl + path, [...verbs].sort()]));
  }

  /** Lets every request go that a fault keeps waiting. */
  release(): void {
    for (const release of this.#hanging) release();
  }

  #route(method: string, url: string, handler: Handler, authenticated: boolean): void {
    this.#parts.server.route({
      method,
      url,
      handler: async (request, reply) => {
        const answer = await this.#answer(request, handler, authenticated);
        return send(reply, answer);
      },
    });
  }

  async #answer(request: FastifyRequest, handler: Handler, authenticated: boolean): Promise<Answer> {
    try {
      return await handler(this.#call(request, authenticated));
    } catch (error) {
      if (error instanceof SoError) return errorAnswer(error);
      throw error;
    }
  }

  #call(request: FastifyRequest, authenticated: boolean): Call {
    const { authentication, basePath, database, zones, tenant } = this.#parts;
    tenant.check(request.host);
    const headers = headersOf(request);
    const known = this.#known.get(request)?.actor;
    const actor = authenticated ? authentication.require(known) : (known ?? nobody);
    return {
      method: request.method,
      params: request.params as Readonly<Record<string, string>>,
      query: new URL(request.url, 'http://host').searchParams,
      headers,
      body: parseBody(request.body),
      actor,
      dates: datesFor(headers['so-timezone'], zones, database.switches.multiTimeZone),
      apiUrl: `${request.protocol}://${request.host || 'localhost'}${basePath}/api/v1`,
      url: request.url,
    };
  }

  #addHooks(): void {
    const { server, basePath, authentication, log, faults, clock } = this.#parts;
    const prefix = basePath.toLowerCase();
    server.addHook('onRequest', async (request, reply) => {
      if (!request.url.toLowerCase().startsWith(prefix)) return;
      const actor = authentication.identify(headersOf(request));
      const accounts = actor === undefined ? [] : [actor.name.toLowerCase(), actor.userName.toLowerCase()];
      const end = log.begin(request.method, request.url, actor?.userName ?? '', clock.nowMs());
      reply.raw.once('close', () => end(reply.raw.headersSent ? reply.raw.statusCode : 0, clock.nowMs()));
      const fault = faults.strike(request.method, request.url, accounts);
      this.#known.set(request, { actor, fault, end });
      if (fault === undefined || fault.when === 'after') return;
      await this.#misbehave(fault, request);
      // The handler must not run for a caller who is gone: "before" means without effect.
      if (fault.hang === true || fault.reset === true) return reply.hijack();
      if (fault.status !== undefined)
        return reply
          .code(fault.status)
          .headers(fault.headers ?? {})
          .send(fault.body ?? '');
    });
    server.addHook('onSend', async (request, reply, payload) => {
      const fault = this.#known.get(request)?.fault;
      if (fault?.when !== 'after') return payload;
      await this.#misbehave(fault, request);
      if (fault.status === undefined) return payload;
      reply.code(fault.status).headers(fault.headers ?? {});
      return fault.body ?? '';
    });
  }

  /** Waits, hangs until the caller gives up, or cuts the connection. */
  async #misbehave(fault: FaultRule, request: FastifyRequest): Promise<void> {
    if (fault.delayMs !== undefined) await this.#pause(request, fault.delayMs);
    if (fault.hang === true) await this.#pause(request, undefined);
    if (fault.reset === true) request.raw.socket.resetAndDestroy();
  }

  #pause(request: FastifyRequest, pauseMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = pauseMs === undefined ? undefined : setTimeout(() => done(), pauseMs);
      const done = () => {
        clearTimeout(timer);
        this.#hanging.delete(done);
        resolve();
      };
      this.#hanging.add(done);
      request.raw.socket.once('close', done);
    });
  }
}

/** Stands for the caller on the few open routes. */
const nobody: AssociateRow = {
  associate_id: 0,
  name: '',
  person_id: 0,
  group_idx: 0,
  type: 'InternalAssociate',
  deleted: false,
  userName: '',
  password: '',
  timeZone: '',
  registered: 0,
  updated: 0,
};

/** Headers with one value each; a repeated one is joined as HTTP has it. */
export function headersOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

export function parseBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return null;
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw invalidRequest('The body is not valid JSON.');
  }
}

export function errorAnswer(error: SoError): Answer {
  const challenge = error.status === 401 ? { 'WWW-Authenticate': 'Basic realm="SuperOffice"' } : undefined;
  return { status: error.status, body: error.body, ...(challenge === undefined ? {} : { headers: challenge }) };
}

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status).headers(answer.headers ?? {});
  if (answer.body === undefined) return reply.send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.body));
}
