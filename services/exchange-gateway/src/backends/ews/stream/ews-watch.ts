// The watch over a group: subscriptions that share a server with the first of them, the anchor, and one streaming connection.
import type { MailboxKey, Outcome } from '@lockstep/contracts';
import type { Ask, HoldWish, SubscriptionId, Watch, WatchEnd } from '../../../backend.ts';
import { gatewayConfig } from '../../../config.ts';
import { CookieJar } from '../../../http/cookies.ts';
import type { Parts } from '../calls/parts.ts';
import { holdStream, type StreamParts } from './hold-stream.ts';
import { type Affinity, subscribe } from './subscribe.ts';

export class EwsWatch implements Watch {
  readonly #parts: Parts & StreamParts;
  #anchor: { readonly mailbox: MailboxKey; readonly affinity: Affinity } | undefined;

  constructor(parts: Parts & StreamParts) {
    this.#parts = parts;
  }

  get anchor(): MailboxKey | undefined {
    return this.#anchor?.mailbox;
  }

  async subscribe(ask: Ask): Promise<Outcome<SubscriptionId>> {
    const affinity = this.#anchor?.affinity ?? {
      anchor: ask.mailbox.address,
      cookies: new CookieJar(gatewayConfig.watch.maxCookies),
    };
    const subscribed = await subscribe(this.#parts, ask, affinity);
    if (subscribed.ok) this.#anchor ??= { mailbox: ask.mailbox.key, affinity };
    return subscribed;
  }

  async hold(wish: HoldWish): Promise<WatchEnd> {
    // Without an anchor there is no subscription to hold.
    if (this.#anchor === undefined) return { clean: true, lost: wish.subscriptionIds, stood: false };
    const { mailbox, affinity } = this.#anchor;
    return holdStream(this.#parts, { ...wish, affinity, payer: mailbox });
  }
}
