// The control API under /control: seed, inspect, change as a user would, make it misbehave. No authentication: it
// listens where the simulator listens, on this machine only unless told otherwise.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { NewUser } from '../access/people.ts';
import type { Directory } from '../directory/directory.ts';
import { associateFullName } from '../entities/brief-entity.ts';
import { errorAnswer, parseBody, send } from '../http/api.ts';
import { type Answer, noContent, ok } from '../http/call.ts';
import type { FaultRule, Faults } from '../http/faults.ts';
import type { RequestLog } from '../http/request-log.ts';
import { badArgument, SoError } from '../input/error.ts';
import { isObject, type Json, readBoolean, readInteger, readObject, readText } from '../input/json-input.ts';
import type { Switches } from '../store/database.ts';
import type { Clock } from '../time/clock.ts';
import type { WebhookBehaviour, WebhookDelivery } from '../webhooks/webhook-delivery.ts';
import { type AccessParts, addControlAccess } from './control-access.ts';
import { ControlAppointments, type ControlParts } from './control-appointments.ts';

export interface ControlRoutesParts extends ControlParts, AccessParts {
  readonly server: FastifyInstance;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly delivery: WebhookDelivery;
  readonly directory: Directory;
  /** Empties everything and makes the system account again. */
  readonly reset: () => void;
}

type ControlHandler = (body: Json, request: FastifyRequest) => Answer | Promise<Answer>;

export function addControlRoutes(parts: ControlRoutesParts): void {
  const { server, database, people } = parts;
  const appointments = new ControlAppointments(parts);
  const add = (method: string, path: string, handler: ControlHandler) => {
    server.route({
      method,
      url: `/control${path}`,
      handler: async (request, reply) => {
        try {
          const body = parseBody(request.body);
          return send(reply, await handler(isObject(body) ? body : {}, request));
        } catch (error) {
          if (error instanceof SoError) return send(reply, errorAnswer(error));
          throw error;
        }
      },
    });
  };
  const show = () =>
    [...database.associates.values()].map((row) => ({
      id: row.associate_id,
      login: row.name,
      email: row.userName,
      fullName: associateFullName(database, row.associate_id),
      personId: row.person_id,
      contactId: database.persons.get(row.person_id)?.contact_id ?? 0,
      type: row.type,
      timeZone: row.timeZone,
    }));

  add('POST', '/seed', (body) => {
    if (body['system'] !== undefined) people.addUser({ ...readUser(body['system']), type: 'SystemAssociate' });
    for (const user of array(body['associates'])) people.addUser(readUser(user));
    const made = array(body['appointments']).map((item) => appointments.create(readObject(item, 'appointment')));
    return ok({ associates: show(), appointments: made });
  });
  add('POST', '/reset', () => {
    parts.reset();
    return noContent;
  });
  add('GET', '/associates', () => ok(show()));
  add('GET', '/appointments', (_body, request) => ok(appointments.list(queryOf(request).get('associate'))));
  add('GET', '/appointments/:id', (_body, request) => ok(appointments.show(appointments.get(idOf(request)))));
  add('POST', '/appointments', (body) => ({ status: 201, body: appointments.create(body) }));
  add('PATCH', '/appointments/:id', (body, request) => ok(appointments.update(idOf(request), body)));
  add('DELETE', '/appointments/:id', (_body, request) => {
    appointments.delete(idOf(request), queryOf(request).get('as'));
    return noContent;
  });
  add('POST', '/silent-edit', (body) => ok(appointments.editSilently(body)));
  addBehaviour(add, parts);
  addControlAccess(add, parts, appointments);
}

function addBehaviour(
  add: (method: string, path: string, handler: ControlHandler) => void,
  { log, faults, clock, delivery, database, directory }: ControlRoutesParts,
): void {
  add('GET', '/log', () => ok({ peakInFlight: log.peakInFlight, requests: log.entries() }));
  add('DELETE', '/log', () => {
    log.clear();
    return noContent;
  });
  add('GET', '/faults', () => ok(faults.list()));
  add('POST', '/faults', (body) => {
    const fault = faults.add(readFault(body));
    if (fault === undefined) throw badArgument('There are too many faults');
    return { status: 201, body: fault };
  });
  add('DELETE', '/faults', () => {
    faults.clear();
    return noContent;
  });
  add('POST', '/clock', (body) => {
    clock.advance(readInteger(body['advanceMs'], 'advanceMs'));
    directory.purge();
    return ok({ now: new Date(clock.nowMs()).toISOString() });
  });
  add('GET', '/clock', () => ok({ now: new Date(clock.nowMs()).toISOString() }));
  add('GET', '/webhooks', () => ok([...database.webhooks.values()]));
  add('POST', '/webhooks/options', (body) => {
    delivery.behaviour = { ...delivery.behaviour, ...readBehaviour(body) };
    return ok(delivery.behaviour);
  });
  add('POST', '/webhooks/idle', async () => {
    await delivery.idle();
    return noContent;
  });
  add('GET', '/switches', () => ok(database.switches));
  add('POST', '/switches', (body) => {
    database.setSwitches(
      readFlags<Switches>(body, ['multiTimeZone', 'transactionLogReadable', 'silentTextEdits', 'online']),
    );
    return ok(database.switches);
  });
}

function readUser(value: unknown): NewUser {
  const user = readObject(value, 'associate');
  const text = (name: string) => {
    const found = readText(user[name], name, 254);
    if (found === '') throw badArgument(`${name} is missing`);
    return found;
  };
  return {
    login: text('login'),
    password: text('password'),
    email: text('email'),
    fullName: text('fullName'),
    ...(user['timeZone'] === undefined ? {} : { timeZone: text('timeZone') }),
    ...(user['resource'] === true ? { type: 'ResourceAssociate' } : {}),
  };
}

function readFault(body: Json): FaultRule {
  const rule: Record<string, unknown> = {};
  for (const name of ['method', 'path', 'account', 'body'] as const) {
    if (body[name] !== undefined) rule[name] = readText(body[name], name, 10_000);
  }
  for (const name of ['from', 'count', 'status', 'delayMs'] as const) {
    if (body[name] !== undefined) rule[name] = readInteger(body[name], name);
  }
  for (const name of ['hang', 'reset'] as const) {
    if (body[name] !== undefined) rule[name] = readBoolean(body[name], name);
  }
  if (body['headers'] !== undefined) rule['headers'] = readObject(body['headers'], 'headers');
  if (body['when'] !== undefined && body['when'] !== 'before' && body['when'] !== 'after') {
    throw badArgument('when must be before or after');
  }
  const status = rule['status'];
  if (typeof status === 'number' && (status < 200 || status > 599)) throw badArgument('status must be 200 to 599');
  return { ...rule, ...(body['when'] === 'after' ? { when: 'after' } : {}) };
}

function readBehaviour(body: Json): Partial<WebhookBehaviour> {
  const flags = readFlags<WebhookBehaviour>(body, ['duplicate', 'reorder', 'withoutFieldValues']);
  const delay = body['delayMs'] === undefined ? {} : { delayMs: readInteger(body['delayMs'], 'delayMs') };
  if (body['drop'] === undefined) return { ...flags, ...delay };
  const drop = typeof body['drop'] === 'number' ? body['drop'] : readBoolean(body['drop'], 'drop');
  return { ...flags, ...delay, drop };
}

function readFlags<T>(body: Json, names: readonly (keyof T & string)[]): Partial<T> {
  const given = names.filter((name) => body[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, readBoolean(body[name], name)])) as Partial<T>;
}

const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const queryOf = (request: FastifyRequest): URLSearchParams => new URL(request.url, 'http://host').searchParams;

function idOf(request: FastifyRequest): number {
  const { id = '' } = request.params as Readonly<Record<string, string>>;
  return readInteger(id, 'id');
}
