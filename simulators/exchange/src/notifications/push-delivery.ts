// Sends what happens to the address of a push subscription: a status event first, then events as they come, one message at a
// time; another status event when nothing has happened for long. A message that is not answered is sent again at 30 s, 1, 2,
// 4… minutes after the first failure; when the next time would be beyond the status frequency, the subscription is dropped.

import { pushEnvelope } from '../soap/envelope.ts';
import { messageTextOf } from '../soap/message-texts.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { XmlElement } from '../xml/element.ts';
import { XmlError } from '../xml/lexical.ts';
import { readXml } from '../xml/reader.ts';
import { element, textElement } from '../xml/writer.ts';
import { writeEvent } from './notification-event.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import { writeWatermark } from './watermark.ts';

export interface PushTerms {
  readonly url: URL;
  /** Of status events, and how long a message is tried. */
  readonly statusFrequencyMs: number;
  readonly firstRetryMs: number;
  /** Posts an envelope and gives the body of the answer; rejects when there is none, also after an abort. */
  readonly post: (url: URL, envelope: string, signal: AbortSignal) => Promise<string>;
}

type Reply = 'OK' | 'Unsubscribe' | 'none';

const maxEvents = 50;
const maxDepth = 32;

export class PushDelivery {
  readonly #subscription: Subscription;
  readonly #subscriptions: Subscriptions;
  readonly #clock: Clock;
  readonly #terms: PushTerms;
  readonly #abort = new AbortController();
  /** Up to here the other side has confirmed. */
  #position: number;
  #confirmed = false;
  #state: 'idle' | 'sending' | 'retrying' = 'idle';
  #scheduled = false;
  #failures: { readonly sinceMs: number; readonly count: number } | undefined;
  #cancelTimer: Cancel | undefined;

  constructor(subscription: Subscription, subscriptions: Subscriptions, clock: Clock, terms: PushTerms) {
    this.#subscription = subscription;
    this.#subscriptions = subscriptions;
    this.#clock = clock;
    this.#terms = terms;
    this.#position = subscription.position;
  }

  /** Takes the subscription over until it is removed. */
  start(): void {
    this.#subscription.cancelExpiry?.();
    this.#subscription.connection = this;
    this.#subscription.onRemoved = () => {
      this.#cancelTimer?.();
      this.#abort.abort();
    };
    this.wake();
  }

  /** Something waits in the queue. */
  wake(): void {
    if (this.#scheduled || this.#state !== 'idle') return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#state === 'idle' && !this.#abort.signal.aborted) this.#deliver();
    });
  }

  /** Whoever takes it away removes it, which ends this. */
  supersede(): void {}

  #deliver(): void {
    this.#cancelTimer?.();
    this.#state = 'sending';
    const lost = this.#subscription.takeMissed();
    const { events, more } = this.#confirmed
      ? this.#subscription.after(this.#position, maxEvents)
      : { events: [], more: false };
    const reached = events.at(-1)?.position ?? this.#position;
    const message = lost ? this.#lossMessage() : this.#message(events, more);
    this.#send(pushEnvelope(message)).then((reply) => {
      if (this.#abort.signal.aborted) return;
      if (lost || reply === 'Unsubscribe') this.#subscriptions.remove(this.#subscription);
      else if (reply === 'OK') this.#goOn(reached);
      else this.#tryAgain();
    });
  }

  async #send(envelope: string): Promise<Reply> {
    try {
      return replyIn(await this.#terms.post(this.#terms.url, envelope, this.#abort.signal));
    } catch {
      return 'none'; // whatever kept the answer away, it is tried again
    }
  }

  #goOn(reached: number): void {
    this.#confirmed = true;
    this.#failures = undefined;
    this.#position = reached;
    this.#subscription.after(reached, 0);
    this.#state = 'idle';
    if (this.#subscription.waiting > 0) this.wake();
    else this.#cancelTimer = this.#clock.after(this.#terms.statusFrequencyMs, () => this.wake());
  }

  #tryAgain(): void {
    const { sinceMs, count } = this.#failures ?? { sinceMs: this.#clock.nowMs(), count: 0 };
    const afterMs = this.#terms.firstRetryMs * 2 ** count;
    if (afterMs > this.#terms.statusFrequencyMs) {
      this.#subscriptions.remove(this.#subscription);
      return;
    }
    this.#failures = { sinceMs, count: count + 1 };
    this.#state = 'retrying';
    const waitMs = Math.max(0, sinceMs + afterMs - this.#clock.nowMs());
    this.#cancelTimer = this.#clock.after(waitMs, () => this.#deliver());
  }

  #message(events: ReturnType<Subscription['after']>['events'], more: boolean): string {
    const mark = writeWatermark(this.#position);
    const content = [
      textElement('t:SubscriptionId', this.#subscription.id),
      textElement('t:PreviousWatermark', mark),
      textElement('t:MoreEvents', more),
      ...events.map(({ event, position }) => writeEvent(event, writeWatermark(position))),
      events.length === 0 ? element('t:StatusEvent', {}, textElement('t:Watermark', mark)) : '',
    ];
    const notification = element('m:Notification', {}, content.join(''));
    return `<m:SendNotificationResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${notification}</m:SendNotificationResponseMessage>`;
  }

  /** Without a Notification, as servers send it, though their schema asks for one. */
  #lossMessage(): string {
    const code = 'ErrorReadEventsFailed';
    const content = [
      textElement('m:MessageText', messageTextOf(code)),
      textElement('m:ResponseCode', code),
      textElement('m:DescriptiveLinkKey', 0),
      element(
        'm:MessageXml',
        {},
        textElement('t:Value', this.#subscription.id).replace('>', ' Name="SubscriptionId">'),
      ),
    ];
    return element('m:SendNotificationResponseMessage', { ResponseClass: 'Error' }, content.join(''));
  }
}

function replyIn(answer: string): Reply {
  try {
    const status = statusIn(readXml(answer, { maxDepth }))?.text.trim();
    return status === 'OK' || status === 'Unsubscribe' ? status : 'none';
  } catch (error) {
    if (error instanceof XmlError) return 'none';
    throw error;
  }
}

function statusIn(root: XmlElement): XmlElement | undefined {
  if (root.name === 'SubscriptionStatus') return root;
  for (const child of root.children) {
    const found = statusIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
