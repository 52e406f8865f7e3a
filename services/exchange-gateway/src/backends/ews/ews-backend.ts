// Exchange over EWS: every call of the port carried out with SOAP requests, each with a token of its own.
import {
  type exchange,
  type Outcome,
  type ReplyOf,
  type RequestOf,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import type { Asking, Backend } from '../../backend.ts';
import { gatewayConfig } from '../../config.ts';
import { ConnectionPool } from '../../http/connection-pool.ts';
import { Transport } from '../../http/transport.ts';
import type { GatewayMetrics } from '../../metrics.ts';
import type { TokenClient } from '../../tokens/token-client.ts';
import { Endpoint } from './calls/endpoint.ts';
import { EwsClient } from './calls/ews-client.ts';
import { AccessReader, fingerprintOf } from './credentials/access.ts';
import { AuthenticationGate } from './credentials/authentication-gate.ts';
import { OAuthTokens } from './credentials/oauth-tokens.ts';
import { type AutodiscoverParts, autodiscover } from './discovery/autodiscover.ts';
import { type ConnectionProbes, connectionProbes } from './discovery/connection-probes.ts';
import { changesSince } from './items/changes-since.ts';
import { create } from './items/create.ts';
import { evidence } from './items/evidence.ts';
import { findByStamp } from './items/find-by-stamp.ts';
import { getFolder } from './items/get-folder.ts';
import { list } from './items/list.ts';
import { reach } from './items/reach.ts';
import { read } from './items/read.ts';
import { remove } from './items/remove.ts';
import { write } from './items/write.ts';
import { EwsWatch } from './stream/ews-watch.ts';

export interface EwsBackendOptions {
  readonly technical: () => TechnicalSettings;
  /** File with the private key that opens the password (JWK). */
  readonly keyFile: string | undefined;
  readonly tokens: Pick<TokenClient, 'withToken'>;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
}

export interface EwsBackend extends Backend, ConnectionProbes {
  /** Exchange refused the account before: one more attempt is allowed now. */
  allowTry(): void;

  /** The governor says that the endpoint pauses: afterwards one call tries first, in each gateway. */
  paused(pauseMs: number): void;

  /** Looks for the addresses of EWS and of the offline address book. */
  autodiscover(
    wish: RequestOf<typeof exchange.autodiscover>,
    bounds: Pick<Asking, 'remainingMs' | 'signal'>,
  ): Promise<Outcome<ReplyOf<typeof exchange.autodiscover>>>;

  /** Closes the connections that nobody uses. */
  close(): Promise<void>;
}

export function createEwsBackend({ technical, keyFile, tokens, metrics, clock }: EwsBackendOptions): EwsBackend {
  const { http, calls, watch, oauth, discovery } = gatewayConfig;
  const monotonic = () => clock.monotonic();
  const { maxIdleConnections: maxIdle, idleConnectionMs: idleMs, freshConnectionMs: freshMs, connectTimeoutMs } = http;
  const pool = new ConnectionPool({ maxIdle, idleMs, freshMs, connectTimeoutMs, monotonic });
  const { userAgent, maxAnswerBytes } = http;
  const transport = new Transport({ pool, userAgent, maxAnswerBytes, monotonic });
  const discovering: AutodiscoverParts = {
    technical,
    keyFile,
    transport: new Transport({ pool, userAgent, maxAnswerBytes: discovery.maxAnswerBytes, monotonic }),
    monotonic,
    ...discovery,
  };
  const { refusalsToStop, probeEveryMs, unavailable, timeoutMs: callTimeoutMs, replyReserveMs } = calls;
  const gate = new AuthenticationGate({ refusalsToStop, probeEveryMs, monotonic });
  const endpoint = new Endpoint({
    access: new AccessReader({
      technical,
      keyFile,
      tokensOf: (application, via) =>
        new OAuthTokens({
          application,
          post: (url, form) => transport.postForm(url, form, via, oauth.timeoutMs),
          monotonic,
          now: () => clock.now(),
          ...oauth,
        }),
    }),
    gate,
    monotonic,
    unavailable,
  });
  const client = new EwsClient({ endpoint, tokens, transport, metrics, clock, callTimeoutMs, replyReserveMs });
  const parts = { client, access: () => technical().access, endpoint, tokens, transport, metrics, clock, ...watch };
  return {
    name: 'ews',
    ...connectionProbes(discovering),
    allowTry: () => gate.allowProbe(),
    ready: async (): Promise<Outcome<void>> => {
      const ready = await endpoint.ready();
      return ready.ok ? success(undefined) : ready;
    },
    reach: (asking) => reach(parts, asking),
    refused: () => gate.stopped,
    getFolder: (ask, folder) => getFolder(parts, ask, folder),
    changesSince: (ask, folder, cookie, maxChanges) => changesSince(parts, ask, folder, cookie, maxChanges),
    read: (ask, kind, ids) => read(parts, ask, kind, ids),
    list: (ask, kind, wish) => list(parts, ask, kind, wish),
    create: (ask, kind, content, stamp) => create(parts, ask, kind, content, stamp),
    write: (ask, kind, item, what) => write(parts, ask, kind, item, what),
    remove: (ask, _kind, item) => remove(parts, ask, item),
    findByStamp: (ask, kind, stamp, anyMailbox) => findByStamp(parts, ask, kind, stamp, anyMailbox),
    evidence: (ask, kind, _id, stamp) => evidence(parts, ask, kind, stamp),
    // With delegation Exchange gives no subscriptions.
    watches: () => technical().access === 'impersonation',
    openWatch: () => new EwsWatch(parts),
    place: () => fingerprintOf(technical()),
    forget: () => {
      endpoint.forget();
      void pool.closeIdle();
    },
    autodiscover: (wish, bounds) => autodiscover(discovering, wish, bounds),
    paused: (pauseMs) => endpoint.paused(pauseMs),
    close: () => pool.closeIdle(),
  };
}
