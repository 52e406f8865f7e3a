// Wires the gateway: session and tokens, the backend of the mailboxes, the operations on the bus, the streaming groups.
import { endsWithin } from '@lockstep/bus/wait';
import { governor, type SessionId } from '@lockstep/contracts';
import { BackOffs } from '@lockstep/flow-control';
import type { Kit, Running } from '@lockstep/service-kit/kit';
import { checkLibrary } from './backends/ews/check-library.ts';
import { createEwsBackend } from './backends/ews/ews-backend.ts';
import { gatewayConfig } from './config.ts';
import { Mailboxes } from './mailboxes.ts';
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

  const backOffs = new BackOffs({
    baseMs: config.pauses.defaultMs,
    maxMs: config.pauses.defaultMs,
    maxHintMs: config.pauses.longestMs,
    endpointPayers: config.pauses.endpointPayers,
    endpointWithinMs: config.pauses.endpointWithinMs,
    maxMailboxes: config.pauses.maxMailboxes,
  });
  const metrics = new GatewayMetrics(kit.metrics, {
    backOffs: () => backOffs.list(monotonic()).length,
    authenticationStopped: () => ews.refused(),
  });

  const held = new TokensOut();
  const presence = bus.announce(kit.instance);
  const session = new GovernorSession({
    bus,
    clock,
    sessionId: ids.uuidv4() as SessionId,
    gatewayId: kit.instance,
    presence: () => presence.id,
    timings: overrides.timings ?? governor.governorTimings,
    held: () => held.list(monotonic()),
    backOffs: () => backOffs.list(monotonic()),
    onBackOffs: (active) => {
      for (const pause of active) {
        backOffs.report(pause, monotonic());
        if (pause.scope.kind === 'endpoint') ews.paused(pause.remainingMs);
      }
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

  const keyFile = kit.environment('LOCKSTEP_EXCHANGE_KEY_FILE');
  const ews = createEwsBackend({ technical: () => settings.technical(), keyFile, tokens, metrics, clock });
  const mailboxes = new Mailboxes({ settings, backendOf: () => ews });

  const notifier = new Notifier({
    bus,
    clock,
    ids,
    ...config.notifier,
    onPublished: (cause) => metrics.notified(cause),
  });
  const { pollEveryMs, subscribing, subscribeDeadlineMs, retry } = config.streaming;
  const streaming = new StreamingGroups({
    bus,
    settings,
    mailboxes,
    log: kit.log,
    holder: kit.instance,
    giveUp: (error) => kit.giveUp(error),
    pollEveryMs,
    parts: { notifier, metrics, clock, ids, random: Math.random, subscribing, subscribeDeadlineMs, retry },
  });

  let place = ews.place();
  const forget = settings.onChange(() => {
    if (ews.place() !== place) {
      place = ews.place();
      // What the old server or account was asked to wait for, and its connections, mean nothing any more.
      backOffs.clear();
      ews.forget();
    }
    streaming.settingsChanged();
  });

  await session.start();
  const served = await serveOperations(
    bus,
    { mailboxes, backend: ews, clock, technical: () => settings.technical(), autodiscover: ews.autodiscover },
    config.serve,
  );
  streaming.start();

  return {
    ready: () => streaming.turned,
    stop: async () => {
      forget();
      notifier.stop();
      const ending = Promise.allSettled([streaming.stop(), ...served.map((operation) => operation.stop())]);
      await endsWithin(config.stop.finishWithinMs, ending);
      await session.stop();
      await endsWithin(config.stop.abortWithinMs, ending);
      await endsWithin(config.stop.abortWithinMs, tokens.drained());
      await ews.close();
    },
  };
}
