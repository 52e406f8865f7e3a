// Puts the simulator together and starts it. One instance is one tenant; any number may run in one process.
import fastify, { type FastifyInstance } from 'fastify';
import { Agent } from 'undici';
import { Authentication } from './access/authentication.ts';
import { People } from './access/people.ts';
import { SystemUserLogin } from './access/system-user.ts';
import { Tenant } from './access/tenant.ts';
import { Tokens } from './access/tokens.ts';
import { addAppointmentAgent } from './appointments/appointment-agent.ts';
import { addAppointmentRoutes } from './appointments/appointment-routes.ts';
import { Appointments } from './appointments/appointments.ts';
import { Diary } from './appointments/diary.ts';
import { addArchiveRoutes } from './archive/archive-routes.ts';
import { addSelectionRoutes, Selections } from './archive/selections.ts';
import { TransactionLog } from './changes/transaction-log.ts';
import { addControlRoutes } from './control/control-routes.ts';
import { addAssociateAgent } from './directory/associate-agent.ts';
import { Directory } from './directory/directory.ts';
import { addDirectoryRoutes } from './directory/directory-routes.ts';
import { addForeignKeyAgent } from './foreign-keys/foreign-key-agent.ts';
import { addForeignKeyRoutes } from './foreign-keys/foreign-key-routes.ts';
import { ForeignKeys } from './foreign-keys/foreign-keys.ts';
import { Api, errorAnswer, send } from './http/api.ts';
import { ok } from './http/call.ts';
import { Faults } from './http/faults.ts';
import { RequestLog } from './http/request-log.ts';
import { invalidRequest, SoError } from './input/error.ts';
import type { SuperOfficeSimulatorOptions } from './options.ts';
import { Database } from './store/database.ts';
import { Snapshot } from './store/snapshot.ts';
import { addLoginRoutes } from './system/login-routes.ts';
import { addSystemRoutes } from './system/system-routes.ts';
import { Clock } from './time/clock.ts';
import { TimeZones } from './time/time-zone.ts';
import { WebhookDelivery, wellBehaved } from './webhooks/webhook-delivery.ts';
import { addWebhookRoutes } from './webhooks/webhook-routes.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export interface SuperOfficeSimulator {
  /** Base address of the tenant, `http://127.0.0.1:8100/Cust00001`. */
  readonly url: string;
  /** Address of the control API, `http://127.0.0.1:8100/control`. */
  readonly controlUrl: string;
  readonly port: number;
  /** Stops within 2 s; the snapshot is written, webhook deliveries that wait are lost. */
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;

export async function startSuperOfficeSimulator(
  options: SuperOfficeSimulatorOptions = {},
): Promise<SuperOfficeSimulator> {
  const context = options.contextIdentifier ?? 'Cust00001';
  const clock = new Clock(options.now ?? Date.now);
  const database = new Database();
  const zones = new TimeZones(options.baseTimeZone ?? 'Europe/Oslo', 10_000);
  const people = new People(database, clock);
  const seedSystem = () => {
    const { login, password } = options.systemAccount ?? { login: 'sync@lockstep.test', password: 'lockstep' };
    if (people.findByLogin(login) !== undefined) return;
    people.addUser({ login, password, email: login, fullName: 'Lockstep Synchronizer', type: 'SystemAssociate' });
  };
  const snapshot =
    options.snapshotFile === undefined
      ? undefined
      : await Snapshot.open(options.snapshotFile, database, options.snapshotIntervalMs ?? 10_000);
  seedSystem();

  const dispatcher = new Agent({ connections: 8 });
  const delivery = new WebhookDelivery(database, clock, context, {
    retryWaitsMs: options.webhookRetryWaitsMs ?? [1000, 4000],
    attemptTimeoutMs: options.webhookTimeoutMs ?? 10_000,
    queueLimit: 100_000,
    reorderHoldMs: 200,
    dispatcher,
  });
  const log = new TransactionLog(database, clock, zones.base);
  const diary = new Diary({ database, clock, base: zones.base, log, emit: (event) => delivery.send(event) });
  const directory = new Directory(database, clock, log, (event) => delivery.send(event));
  directory.purge();
  const appointments = new Appointments(database, diary, clock, zones.base);
  const requests = new RequestLog(100_000);
  const faults = new Faults(1000);

  const server = makeServer();
  const tokens = new Tokens(clock, context, 10_000);
  const systemUser = new SystemUserLogin(clock, tokens, context, 100);
  const tenant = new Tenant(clock, context);
  const authentication = new Authentication({ people, database, tokens, systemUser });
  const basePath = `/${context}`;
  const api = new Api({ server, basePath, authentication, database, zones, clock, log: requests, faults, tenant });
  addSystemRoutes(api.add, api.addOpen, database, context);
  // The last one, so that it names all the others; the reference gives its meaning, not its exact form.
  api.add('GET', '', (call) => ok(api.offered(call.apiUrl)));
  addAppointmentRoutes(api.add, appointments, database);
  addAppointmentAgent(api.add, appointments, database);
  addArchiveRoutes(api.add, appointments, database);
  addDirectoryRoutes(api.add, directory, database);
  addSelectionRoutes(api.add, new Selections(database, clock, appointments), database);
  addAssociateAgent(api.add, database);
  const foreignKeys = new ForeignKeys(database, clock);
  addForeignKeyRoutes(api.add, foreignKeys, database);
  addForeignKeyAgent(api.add, foreignKeys, database);
  const webhooks = new Webhooks(database, clock, delivery, { plainHttpToLoopback: options.plainHttpWebhooks ?? true });
  addWebhookRoutes(api.add, webhooks, delivery, database);
  addLoginRoutes({ server, contextIdentifier: context, database, tokens, systemUser, tenant });
  const reset = () => {
    database.clear();
    faults.clear();
    requests.clear();
    delivery.behaviour = wellBehaved;
    tokens.expireAll();
    systemUser.clear();
    tenant.reset();
    seedSystem();
  };
  addControlRoutes({
    server,
    database,
    diary,
    meetings: appointments.meetings,
    directory,
    tokens,
    systemUser,
    tenant,
    people,
    base: zones.base,
    log: requests,
    faults,
    clock,
    delivery,
    reset,
  });

  const close = async () => {
    api.release();
    await server.close();
    await delivery.close();
    await dispatcher.destroy();
    await snapshot?.close();
  };
  let closing: Promise<void> | undefined;
  const address = await server.listen({ port: options.port ?? 8100, host: options.host ?? '127.0.0.1' });
  return {
    url: address + basePath,
    controlUrl: `${address}/control`,
    port: Number(new URL(address).port),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** A server that takes any body as bytes and answers what it does not know in the product's form. */
function makeServer(): FastifyInstance {
  const server = fastify({
    bodyLimit: 8 * mebibyte,
    forceCloseConnections: true,
    keepAliveTimeout: 60_000,
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 20_000 },
    frameworkErrors: (error, _request, reply) => {
      send(reply, errorAnswer(invalidRequest(error.message)));
    },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setNotFoundHandler((request, reply) =>
    send(
      reply,
      errorAnswer(
        new SoError(404, 'SoNotFoundException', `No resource at ${request.method} ${request.url.slice(0, 200)}`),
      ),
    ),
  );
  server.setErrorHandler<Error & { readonly statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    const answer = status < 500 ? invalidRequest(error.message) : new SoError(500, error.name, error.message);
    return send(reply, { ...errorAnswer(answer), status });
  });
  return server;
}
