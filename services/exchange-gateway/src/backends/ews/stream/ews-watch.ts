// The watch over a group: subscriptions that share a server with the first of them, the anchor, and one streaming connection.
import { type MailboxKey, type Outcome, success } from '@lockstep/contracts';
import type { Ask, HoldWish, Mailbox, SubscriptionId, Watch, WatchEnd } from '../../../backend.ts';
import { gatewayConfig } from '../../../config.ts';
import { CookieJar } from '../../../http/cookies.ts';
import type { Parts } from '../calls/parts.ts';
import { holdStream, type StreamParts } from './hold-stream.ts';
import { type Affinity, subscribe } from './subscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

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

  async unsubscribe(ask: Ask, id: SubscriptionId): Promise<Outcome<void>> {
    return this.#anchor === undefined ? success(undefined) : unsubscribe(this.#parts, ask, this.#anchor.affinity, id);
  }

  // The cookies stay: they lead to the server where the subscriptions are, and count for more than the anchor's address.
  hangOn({ key, address }: Mailbox): void {
    const { cookies } = this.#anchor?.affinity ?? { cookies: new CookieJar(gatewayConfig.watch.maxCookies) };
    this.#anchor = { mailbox: key, affinity: { anchor: address, cookies } };
  }

  async hold(wish: HoldWish): Promise<WatchEnd> {
    // Without an anchor there is no subscription to hold.
    if (this.#anchor === undefined) return { clean: true, lost: wish.subscriptionIds, stood: false };
    const { mailbox, affinity } = this.#anchor;
    return holdStream(this.#parts, { ...wish, affinity, payer: mailbox });
  }
}
