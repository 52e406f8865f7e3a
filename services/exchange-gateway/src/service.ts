// Wires the gateway: session and tokens, transport, the EWS client, the operations on the bus, the streaming groups.
import { governor } from '@lockstep/contracts';
import { BackOffs } from '@lockstep/flow-control';
import type { Kit, Running } from '@lockstep/service-kit/kit';
import { atMost } from './at-most.ts';
import { AccessReader, fingerprintOf } from './credentials/access.ts';
import { AuthenticationGate } from './credentials/authentication-gate.ts';
import { Endpoint } from './endpoint.ts';
import { EwsClient } from './ews-client.ts';
import { defaultPauseMs } from './ews-errors.ts';
import { ConnectionPool } from './http/connection-pool.ts';
import { Transport } from './http/transport.ts';
import { checkLibrary } from './library-self-test.ts';
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

const userAgent = 'Lockstep/0.1';
const finishWithinMs = 8_000;
const abortWithinMs = 2_000;

export async function start(kit: Kit, overrides: GatewayOverrides = {}): Promise<Running> {
  await checkLibrary();
  const { bus, clock, ids, settings } = kit;
  const monotonic = () => clock.monotonic();
  const technical = () => settings.technical();

  const backOffs = new BackOffs({
    baseMs: defaultPauseMs,
    maxMs: defaultPauseMs,
    maxHintMs: 15 * 60_000,
    endpointPayers: 3,
    endpointWithinMs: 10_000,
    maxMailboxes: 10_000,
  });
  const gate = new AuthenticationGate({ refusalsToStop: 2, probeEveryMs: 5 * 60_000, monotonic });
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
    reserveMs: 250,
    maxAttempts: 3,
    onWaited: (operation, waitedMs) => metrics.waited(operation, waitedMs),
  };
  const tokens = overrides.tokenClient?.(tokenOptions) ?? new TokenClient(tokenOptions);

  const pool = new ConnectionPool({ maxIdle: 64, idleMs: 55_000, freshMs: 4_000, connectTimeoutMs: 10_000, monotonic });
  const transport = new Transport({ pool, userAgent, maxAnswerBytes: 64 * 1024 * 1024, monotonic });
  const access = new AccessReader({ technical, keyFile: kit.environment('LOCKSTEP_EXCHANGE_KEY_FILE') });
  const refusedPauseMs = { first: 1_000, longest: 60_000 };
  const endpoint = new Endpoint({ access, gate, monotonic, refusedPauseMs });
  const client = new EwsClient({
    endpoint,
    tokens,
    transport,
    metrics,
    clock,
    callTimeoutMs: 100_000,
    replyReserveMs: 200,
  });

  const notifier = new Notifier({
    bus,
    clock,
    ids,
    gatherMs: 50,
    publishing: 64,
    publishDeadlineMs: 30_000,
    retryMs: 1_000,
    onPublished: (cause) => metrics.notified(cause),
  });
  const streaming = new StreamingGroups({
    bus,
    settings,
    log: kit.log,
    holder: kit.instance,
    pollEveryMs: 2_000,
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
      idleMs: 100_000,
      connectionMinutes: 30,
      maxEnvelopeChars: 8 * 1024 * 1024,
      tokenDeadlineMs: 60_000,
      subscribing: 4,
      subscribeDeadlineMs: 20_000,
      retry: { firstMs: 1_000, longestMs: 60_000 },
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
  const served = await serveOperations(bus, { client, endpoint, settings, clock }, { running: 256, waiting: 256 });
  streaming.start();

  return {
    ready: () => streaming.turned,
    // Within the 15 s of the kit: calls under way get some seconds, then they are aborted with the session.
    stop: async () => {
      forget();
      notifier.stop();
      const ending = Promise.all([streaming.stop(), ...served.map((operation) => operation.stop())]);
      await atMost(finishWithinMs, ending);
      await session.stop();
      await atMost(abortWithinMs, ending);
      await atMost(abortWithinMs, tokens.drained());
      await pool.closeIdle();
    },
  };
}
