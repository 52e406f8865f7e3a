// Wires the gateway: session and tokens, transport, the EWS client, the operations on the bus, the streaming groups.
import { governor } from '@lockstep/contracts';
import { BackOffs } from '@lockstep/flow-control';
import type { Kit, Running } from '@lockstep/service-kit/kit';
import { atMost } from './at-most.ts';
import { Endpoint } from './backends/ews/calls/endpoint.ts';
import { EwsClient } from './backends/ews/calls/ews-client.ts';
import { checkLibrary } from './backends/ews/check-library.ts';
import { AccessReader, fingerprintOf } from './backends/ews/credentials/access.ts';
import { AuthenticationGate } from './backends/ews/credentials/authentication-gate.ts';
import { gatewayConfig } from './config.ts';
import { ConnectionPool } from './http/connection-pool.ts';
import { Transport } from './http/transport.ts';
import { GatewayMetrics } from './metrics.ts';
import { serveOperations } from './operations/serve-operations.ts';
import { Notifier } from './streaming/notifier.ts';
import { StreamingGroups } from './streaming/streaming-groups.ts';
import { GovernorSession, type SessionTimings } from './tokens/governor-session.ts';
import { TokenClient, type TokenClientOptions, TokensOut } from './tokens/token-client.ts';

/** What tests may replace; `main.ts` passes none. */
export interface GatewayOverrides {
  readonly tokenClient?: (options: TokenClientOptions) => TokenClient;
  readonly timings?: SessionTimings;
}

const config = gatewayConfig;

export async function start(kit: Kit, overrides: GatewayOverrides = {}): Promise<Running> {
  await checkLibrary();
  const { bus, clock, ids, settings } = kit;
  const monotonic = () => clock.monotonic();
  const technical = () => settings.technical();

  const backOffs = new BackOffs({
    baseMs: config.pauses.defaultMs,
    maxMs: config.pauses.defaultMs,
    maxHintMs: config.pauses.longestToldMs,
    endpointPayers: config.pauses.endpointPayers,
    endpointWithinMs: config.pauses.endpointWithinMs,
    maxMailboxes: config.pauses.maxMailboxes,
  });
  const gate = new AuthenticationGate({
    refusalsToStop: config.calls.refusalsToStop,
    probeEveryMs: config.calls.probeEveryMs,
    monotonic,
  });
  const metrics = new GatewayMetrics(kit.metrics, {
    backOffs: () => backOffs.list(monotonic()).length,
    authenticationStopped: () => gate.stopped,
  });

  const held = new TokensOut();
  const session = new GovernorSession({
    bus,
    clock,
    sessionId: ids.uuidv4(),
    gatewayId: kit.instance,
    timings: overrides.timings ?? governor.governorTimings,
    held: () => held.list(monotonic()),
    backOffs: () => backOffs.list(monotonic()),
    onBackOffs: (active) => {
      for (const pause of active) backOffs.report(pause, monotonic());
    },
    onValid: (valid) => {
      metrics.sessionValid.set(valid ? 1 : 0);
      if (valid) kit.log.info({ session: session.id }, 'governor session valid');
      else kit.log.warn({ session: session.id }, 'governor session lapsed');
    },
  });
  const tokenOptions: TokenClientOptions = {
    bus,
    clock,
    ids,
    session: () => session,
    backOffs,
    held,
    ...config.tokens,
    onWaited: (operation, waitedMs) => metrics.waited(operation, waitedMs),
  };
  const tokens = overrides.tokenClient?.(tokenOptions) ?? new TokenClient(tokenOptions);

  const pool = new ConnectionPool({
    maxIdle: config.http.maxIdleConnections,
    idleMs: config.http.idleConnectionMs,
    freshMs: config.http.freshConnectionMs,
    connectTimeoutMs: config.http.connectTimeoutMs,
    monotonic,
  });
  const transport = new Transport({
    pool,
    userAgent: config.http.userAgent,
    maxAnswerBytes: config.http.maxAnswerBytes,
    monotonic,
  });
  const access = new AccessReader({ technical, keyFile: kit.environment('LOCKSTEP_EXCHANGE_KEY_FILE') });
  const endpoint = new Endpoint({ access, gate, monotonic, refusedConnection: config.calls.refusedConnection });
  const client = new EwsClient({
    endpoint,
    tokens,
    transport,
    metrics,
    clock,
    callTimeoutMs: config.calls.timeoutMs,
    replyReserveMs: config.calls.replyReserveMs,
  });

  const notifier = new Notifier({
    bus,
    clock,
    ids,
    ...config.notifier,
    onPublished: (cause) => metrics.notified(cause),
  });
  const streaming = new StreamingGroups({
    bus,
    settings,
    log: kit.log,
    holder: kit.instance,
    pollEveryMs: config.streaming.pollEveryMs,
    parts: {
      client,
      endpoint,
      tokens,
      transport,
      metrics,
      clock,
      ids,
      notifier,
      random: Math.random,
      ...config.watch,
      subscribing: config.streaming.subscribing,
      subscribeDeadlineMs: config.streaming.subscribeDeadlineMs,
      retry: config.streaming.retry,
    },
  });

  let fingerprint = fingerprintOf(technical());
  const forget = settings.onChange(() => {
    const current = fingerprintOf(technical());
    if (current !== fingerprint) {
      fingerprint = current;
      // What the old server or account was asked to wait for, and its connections, mean nothing any more.
      backOffs.clear();
      void pool.closeIdle();
    }
    streaming.settingsChanged();
  });

  await session.start();
  const served = await serveOperations(bus, { client, endpoint, settings, clock }, config.serve);
  streaming.start();

  return {
    ready: () => streaming.turned,
    stop: async () => {
      forget();
      notifier.stop();
      const ending = Promise.all([streaming.stop(), ...served.map((operation) => operation.stop())]);
      await atMost(config.stop.finishWithinMs, ending);
      await session.stop();
      await atMost(config.stop.abortWithinMs, ending);
      await atMost(config.stop.abortWithinMs, tokens.drained());
      await pool.closeIdle();
    },
  };
}
