// One GetStreamingEvents connection: a sequence of whole envelopes over minutes. OK first, then events as they happen,
// a heartbeat when nothing does, Closed at the time-out. Each envelope is one write.

import { streamEnvelope } from '../soap/envelope.ts';
import { messageTextOf } from '../soap/message-texts.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import { element, textElement } from '../xml/writer.ts';
import { writeEvent } from './notification-event.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Where the envelopes go. */
export interface StreamSink {
  write(envelope: string): void;
  end(): void;
}

export interface StreamTimes {
  readonly timeoutMs: number;
  readonly heartbeatMs: number;
}

/** The server sends no more than this in one notification. */
const maxEventsPerNotification = 50;

export class StreamingConnection {
  readonly #sink: StreamSink;
  readonly #clock: Clock;
  readonly #subscriptions: Subscriptions;
  readonly #times: StreamTimes;
  readonly #served: Subscription[];
  #cancelHeartbeat: Cancel | undefined;
  #cancelTimeout: Cancel | undefined;
  #scheduled = false;
  #open = true;

  constructor(
    sink: StreamSink,
    served: readonly Subscription[],
    subscriptions: Subscriptions,
    clock: Clock,
    times: StreamTimes,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#subscriptions = subscriptions;
    this.#times = times;
    this.#served = [...served];
  }

  /** Takes the subscriptions over, from an older connection if need be, and begins. */
  open(): void {
    for (const subscription of this.#served) {
      subscription.connection?.supersede(subscription.id);
      subscription.connection = this;
      subscription.cancelExpiry?.();
    }
    this.#write(success('<m:ConnectionStatus>OK</m:ConnectionStatus>'));
    this.#cancelTimeout = this.#clock.after(this.#times.timeoutMs, () => this.#close());
    this.wake();
  }

  /** Something waits in a queue. */
  wake(): void {
    if (this.#scheduled || !this.#open) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  /** A newer connection serves that subscription; this one ends. */
  supersede(id: string): void {
    this.#fail('ErrorNewEventStreamConnectionOpened', [id]);
  }

  /** The client went away, or the server cuts it. */
  abandon(): void {
    this.#release();
  }

  #deliver(): void {
    if (!this.#open) return;
    for (const subscription of this.#served) {
      if (subscription.takeMissed()) {
        this.#fail('ErrorMissedNotificationEvents', [subscription.id]);
        return;
      }
      while (subscription.waiting > 0) this.#write(success(notifications(subscription)));
    }
  }

  #heartbeat(): void {
    const [first] = this.#served;
    if (first === undefined) return;
    const content = `${textElement('t:SubscriptionId', first.id)}<t:StatusEvent/>`;
    this.#write(success(element('m:Notifications', {}, element('m:Notification', {}, content))));
  }

  #fail(code: string, ids: readonly string[]): void {
    this.#write(streamError(code, ids));
    this.#end();
  }

  #close(): void {
    this.#write(success('<m:ConnectionStatus>Closed</m:ConnectionStatus>'));
    this.#end();
  }

  #end(): void {
    if (!this.#open) return;
    this.#release();
    this.#sink.end();
  }

  #release(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelHeartbeat?.();
    this.#cancelTimeout?.();
    for (const subscription of this.#served) {
      if (subscription.connection !== this) continue;
      subscription.connection = undefined;
      this.#subscriptions.touch(subscription);
    }
  }

  #write(message: string): void {
    if (!this.#open) return;
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = this.#clock.after(this.#times.heartbeatMs, () => this.#heartbeat());
    this.#sink.write(streamEnvelope(message));
  }
}

function notifications(subscription: Subscription): string {
  const events = subscription.take(maxEventsPerNotification).map(({ event }) => writeEvent(event));
  const content = textElement('t:SubscriptionId', subscription.id) + events.join('');
  return element('m:Notifications', {}, element('m:Notification', {}, content));
}

function success(content: string): string {
  return `<m:GetStreamingEventsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:GetStreamingEventsResponseMessage>`;
}

/** The message for subscriptions that cannot be served; the connection closes with it. */
export function streamError(code: string, ids: readonly string[]): string {
  const listed = ids.map((id) => textElement('t:SubscriptionId', id)).join('');
  return element(
    'm:GetStreamingEventsResponseMessage',
    { ResponseClass: 'Error' },
    `${textElement('m:MessageText', messageTextOf(code))}${textElement('m:ResponseCode', code)}<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${element('m:ErrorSubscriptionIds', {}, listed)}<m:ConnectionStatus>Closed</m:ConnectionStatus>`,
  );
}
