// The parts of one simulator, put together without a network: the store, the clock, the subscriptions, the scripts, the log.
import { type AutodiscoverSettings, defaultAutodiscover } from './autodiscover/directions.ts';
import { type Behaviour, defaultBehaviour } from './caller/behaviour.ts';
import { FaultScripts } from './faults/fault-scripts.ts';
import { Freezer } from './http/freezer.ts';
import { postSoap } from './http/post-soap.ts';
import { TcpConnections } from './http/tcp-connections.ts';
import { type AccessSettings, defaultAccess } from './logon/access-settings.ts';
import { Authenticator } from './logon/authentication.ts';
import { Tokens } from './logon/tokens.ts';
import { PushDelivery, type PushTerms } from './notifications/push-delivery.ts';
import type { StreamingConnection } from './notifications/streaming-connection.ts';
import type { Subscription } from './notifications/subscription.ts';
import { Subscriptions } from './notifications/subscriptions.ts';
import { AddressBook } from './oab/address-book.ts';
import { Latency } from './observe/latency.ts';
import { Recorder } from './observe/recorder.ts';
import { RequestLog } from './observe/request-log.ts';
import type { SimulatorOptions } from './options.ts';
import { Directory } from './store/directory.ts';
import { LostSpan } from './store/lost-span.ts';
import { Outbox } from './store/outbox.ts';
import { Serials } from './store/serials.ts';
import type { Inheritance } from './store/snapshot.ts';
import { Noise, silence } from './throttle/noise.ts';
import { Throttle } from './throttle/throttle.ts';
import { Clock } from './time/clock.ts';
import { defaultTls, type TlsFront } from './tls/tls-front.ts';

/** A hanging connection that a restart has to cut. */
export interface OpenStream {
  readonly connection: StreamingConnection;
  cut(): void;
}

export class Simulator {
  readonly options: SimulatorOptions;
  readonly clock: Clock;
  readonly serials: Serials;
  readonly directory: Directory;
  readonly subscriptions: Subscriptions;
  readonly faults: FaultScripts;
  readonly log: RequestLog;
  readonly throttle: Throttle;
  readonly outbox: Outbox;
  readonly authenticator = new Authenticator(this);
  readonly tokens: Tokens;
  /** How strict the front end is. */
  access: AccessSettings = defaultAccess;
  behaviour: Behaviour = defaultBehaviour;
  autodiscover: AutodiscoverSettings = defaultAutodiscover;
  readonly oab: AddressBook;
  /** While frozen, requests are taken and not answered. */
  readonly freezer = new Freezer();
  readonly noise = new Noise();
  readonly latency = new Latency();
  readonly tcp = new TcpConnections();
  /** Absent: there is no TLS port. */
  readonly tls: TlsFront | undefined;
  readonly recorder: Recorder | undefined;
  readonly lostSpan: LostSpan;
  readonly streams = new Set<OpenStream>();
  /** Raised by every change; the snapshot is written when it moved. */
  revision = 0;

  constructor(options: SimulatorOptions, inheritance?: Inheritance, tls?: TlsFront) {
    this.options = options;
    this.tls = tls;
    this.clock = new Clock(Date.now, inheritance?.clockOffsetMs);
    this.serials = new Serials(Date.now(), inheritance?.lastSerial);
    this.lostSpan = new LostSpan(spansOf(this.serials, inheritance));
    this.subscriptions = new Subscriptions(this.clock, { maxQueuedEvents: options.maxQueuedEvents });
    this.directory = new Directory({
      serials: this.serials,
      nowMs: () => this.clock.nowMs(),
      maxTombstones: options.maxTombstonesPerFolder,
      onEvent: (mailbox, event) => {
        this.revision += 1;
        this.subscriptions.publish(mailbox, event);
      },
    });
    this.oab = new AddressBook(this.directory);
    this.tokens = new Tokens(() => this.clock.nowMs(), options.maxTokens);
    this.throttle = new Throttle(() => this.clock.nowMs());
    this.outbox = new Outbox(options.maxOutbox);
    this.faults = new FaultScripts(options.maxFaultScripts);
    this.log = new RequestLog(options.maxLogRecords);
    this.recorder = options.recordDir === undefined ? undefined : new Recorder(options.recordDir);
  }

  /** Sends the events of a push subscription to its address until it ends. A frozen server sends nothing. */
  startPush(subscription: Subscription, terms: Omit<PushTerms, 'post'>): void {
    const post: PushTerms['post'] = async (url, envelope, signal) => {
      await this.freezer.wait();
      this.recorder?.recordPush(envelope);
      return postSoap(url, sendNotification, envelope, { timeoutMs: this.options.pushTimeoutMs, signal });
    };
    new PushDelivery(subscription, this.subscriptions, this.clock, { ...terms, post }).start();
  }

  /** What a restart of the server does: subscriptions are lost, streams and TLS connections are cut. The store stays. */
  restart(): void {
    for (const stream of [...this.streams]) stream.cut();
    this.tcp.destroyAll();
    this.subscriptions.clear();
  }

  /** Back to an empty server. Serials go on, so that no id comes twice. */
  reset(): void {
    this.restart();
    this.directory.clear();
    this.faults.clear();
    this.outbox.clear();
    this.log.resetPeaks();
    this.latency.set({});
    this.throttle.reset();
    this.access = defaultAccess;
    this.behaviour = defaultBehaviour;
    this.tokens.clear();
    this.autodiscover = defaultAutodiscover;
    this.oab.clear();
    this.tls?.set(defaultTls);
    this.freezer.thaw();
    this.noise.set(silence);
    this.revision += 1;
  }

  stop(): void {
    this.freezer.thaw();
    this.restart();
    this.clock.stop();
  }
}

const sendNotification = 'http://schemas.microsoft.com/exchange/services/2006/messages/SendNotification';

/** Restarts that are remembered. */
const maxSpans = 1_000;

/** Whatever was numbered after the snapshot was lost; after an orderly end that is nothing, and the span is harmless. */
function spansOf(serials: Serials, inheritance: Inheritance | undefined): readonly (readonly [number, number])[] {
  if (inheritance === undefined) return [];
  const span = [inheritance.lastSerial, serials.last] as const;
  return [...inheritance.lostSpans, span].slice(-maxSpans);
}
