// Wires the watcher: client, index, resolver, webhooks, operations, polling.
import { leaseKeys, watchedKinds } from '@lockstep/contracts';
import { type Start, standFor } from '@lockstep/service-kit';
import { OneAtATime } from './changes/one-at-a-time.ts';
import { Publisher } from './changes/publisher.ts';
import { Resolver } from './changes/resolver.ts';
import { RowIndex } from './changes/row-index.ts';
import { UserDirectory } from './changes/user-directory.ts';
import { readPrivateKey } from './client/credential.ts';
import { Tenant } from './client/tenant.ts';
import { readEnvironment, watcherConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { serveOperations } from './operations/serve.ts';
import { StampCache } from './operations/stamp-cache.ts';
import { PollingLoop } from './polling/loop.ts';
import { forgetState } from './polling/polling-state.ts';
import { pollingTurn } from './polling/turn.ts';
import { Deliveries } from './webhook/delivery.ts';
import { EventIds } from './webhook/event-ids.ts';
import { webhookSecret } from './webhook/secret.ts';
import { startWebhookServer } from './webhook/server.ts';

export const start: Start = async (kit) => {
  const { bus, log, settings, clock } = kit;
  const now = () => clock.now();
  const config = readEnvironment(kit.environment);
  const { calls, changes, index: indexConfig, operations, polling: pollingConfig, webhook } = watcherConfig;
  const key = await readPrivateKey(config.keyFile);
  const metrics = createMetrics(kit.metrics);
  const bucket = bus.bucket('superoffice-index');
  const correlationId = () => kit.ids.uuidv7();
  const secretOf = (tenant: string) => webhookSecret(key, tenant);

  const tenant = new Tenant({
    calls,
    settings: () => settings.superoffice(),
    key,
    now,
    monotonic: () => clock.monotonic(),
    observe: metrics.call,
  });
  const index = new RowIndex({
    ...{ ...indexConfig, bucket, now, random: Math.random, onConflict: metrics.indexConflict, onNewer: kit.giveUp },
    onDamaged: async (chunk, reason) => {
      log.error({ chunk, reason }, 'a chunk of the index is damaged; every user is loaded again');
      await forgetState(bucket);
    },
  });
  const directory = new UserDirectory(settings);
  const publisher = new Publisher({ bus, now, deadlineMs: changes.publishDeadlineMs, count: metrics.published });
  const watched = () => watchedKinds(settings.sync());
  const resolver = new Resolver({ tenant, index, directory, publisher, watched, now });

  const deliveries = new Deliveries({
    secretOf: (name) => secretOf(name).secret,
    resolver,
    rows: new OneAtATime(webhook.rowsAtOnce),
    eventIds: new EventIds(webhook.eventIds),
    correlationId,
    connected: () => bus.connected(),
    timeLimitMs: webhook.deliveryTimeLimitMs,
  });
  const webhooks = await startWebhookServer({
    host: config.webhookHost,
    port: config.webhookPort,
    deliveries,
    log,
    count: (result) => metrics.delivery(result.status, result.what),
  });

  const served = await serveOperations(bus, { tenant, directory, index, stamps: new StampCache(operations.stamps) });

  const turnOptions = {
    ...{ bucket, index, directory, publisher, resolver, metrics, watched, now, tenant, secretOf, correlationId },
    settings: () => settings.superoffice(),
    windowBackDays: () => settings.sync().windowBackDays,
    serverId: () => bus.serverId(),
    warn: (code: string, message: string) => log.warn({ code }, message),
  };
  let polling: PollingLoop | undefined;
  const candidate = standFor(kit, {
    key: leaseKeys.superofficePolling,
    holder: kit.instance,
    everyMs: pollingConfig.leaseEveryMs,
    lead: async (lease) => {
      polling = new PollingLoop({
        delay: pollingConfig.delay,
        random: Math.random,
        lease: lease.signal,
        log,
        turn: (signal) => pollingTurn(turnOptions, signal),
        everyMs: () => Math.max(pollingConfig.shortestEveryMs, settings.superoffice().pollEveryMs),
        onNewer: kit.giveUp,
        onTurn: metrics.turn,
      });
      return polling;
    },
  });
  const stopListening = settings.onChange((section) => {
    if (section !== 'technical' && section !== 'administrator') polling?.wake();
  });

  return {
    // Once the lease was asked for: a SuperOffice that is down makes nobody unready.
    ready: () => candidate.tried(),
    async stop() {
      stopListening();
      await Promise.all([candidate.stop(), webhooks.close(), ...served.map((operation) => operation.stop())]);
      await tenant.close();
    },
  };
};
