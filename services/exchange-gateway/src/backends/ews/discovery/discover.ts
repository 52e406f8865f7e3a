// Autodiscover: asks the documented places in their order where EWS and the offline address book are. Each question is a step of the
// answer. What a newcomer would get wrong: a question goes only to the hosts of the address' own domain and to those that the
// administrator named. Clients that looked further up (`autodiscover.com`) gave away hundreds of thousands of passwords in 2021.
import { domainOfAddress, type exchange, hostAndPort, hostsOfAddress, type ReplyOf } from '@lockstep/contracts';
import { type Form, poxRequest, readAnswer, type Said, soapRequest } from './documents.ts';

type Discovery = ReplyOf<typeof exchange.autodiscover>;
type Step = Discovery['steps'][number];

export interface Question {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body: string;
  /** Whether the account signs in. */
  readonly signedIn: boolean;
}

/** What became of one question. `refused-host`: the password is not sealed for this host, so nothing was sent. */
export type Heard =
  | { readonly kind: 'answered'; readonly status: number; readonly location?: string; readonly text: string }
  | { readonly kind: 'refused-host' }
  | { readonly kind: 'failed'; readonly code: string; readonly detail?: string };

export interface DiscoverParts {
  readonly ask: (question: Question) => Promise<Heard>;
  readonly monotonic: () => number;
  /** Milliseconds that are left for everything. */
  readonly remainingMs: () => number;
  readonly maxQuestions: number;
  /** Without, only the form that needs no sign-in is used. */
  readonly signsIn: boolean;
}

export interface DiscoverWish {
  readonly address: string;
  /** Ask here instead of the places that the address has. */
  readonly url?: URL;
  /** `host:port` that may be asked beside those of the address. */
  readonly hosts: readonly string[];
}

interface Place {
  readonly form: Form | 'redirect';
  readonly url: URL;
  readonly address: string;
}

export function discover(parts: DiscoverParts, wish: DiscoverWish): Promise<Discovery> {
  return new Search(parts, wish).run();
}

class Search {
  readonly #parts: DiscoverParts;
  readonly #wish: DiscoverWish;
  readonly #allowed: ReadonlySet<string>;
  readonly #asked = new Set<string>();
  /** Hosts to which no connection came about: their other forms are not tried. */
  readonly #dead = new Set<string>();
  readonly #steps: Step[] = [];
  #refused = false;
  #ewsUrl: string | undefined;
  #oabUrl: string | undefined;

  constructor(parts: DiscoverParts, wish: DiscoverWish) {
    this.#parts = parts;
    this.#wish = wish;
    // Of the first address alone: one that an answer names does not make its hosts trusted.
    this.#allowed = new Set([...hostsOfAddress(wish.address), ...wish.hosts]);
  }

  async run(): Promise<Discovery> {
    const { address, url } = this.#wish;
    let places = url === undefined ? placesOf(address, this.#parts.signsIn) : [{ form: formOf(url), url, address }];
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      if (this.#steps.length >= this.#parts.maxQuestions || this.#parts.remainingMs() <= 0) {
        this.#note(place, 0, {
          result: 'ended',
          advice: 'Too many places or redirects: give the EWS address by hand.',
        });
        break;
      }
      const next = await this.#visit(place);
      if (next === 'found') return this.#done(true);
      places = [...next, ...places];
    }
    return this.#done(false);
  }

  /** Asks one place; returns the places to be asked before the others. */
  async #visit(place: Place): Promise<'found' | readonly Place[]> {
    const { form, url } = place;
    const host = hostAndPort(url.href) ?? '';
    const signedIn = form === 'pox' || form === 'soap';
    const key = `${form} ${url.href} ${place.address.toLowerCase()}`;
    if (this.#asked.has(key)) {
      this.#note(place, 0, { result: 'loop', advice: 'Correct the redirects of Autodiscover: they go in a circle.' });
      return [];
    }
    this.#asked.add(key);
    if (this.#dead.has(host)) return [];
    // The http place sends on to its own https or elsewhere: its host has to be allowed like any other.
    if (!this.#allowed.has(form === 'redirect' ? `${url.hostname}:443` : host)) return this.#wantsConsent(place, host);
    if (signedIn && this.#refused) {
      this.#note(place, 0, { result: 'skipped', advice: 'The password was refused before; it is not sent again.' });
      return [];
    }
    const beganAt = this.#parts.monotonic();
    const heard = await this.#parts.ask(questionOf(place, signedIn));
    const tookMs = Math.max(0, Math.round(this.#parts.monotonic() - beganAt));
    if (heard.kind === 'refused-host') return this.#wantsConsent(place, host);
    if (heard.kind === 'failed') {
      this.#dead.add(host);
      const detail = heard.detail === undefined ? heard.code : `${heard.code}: ${heard.detail}`;
      this.#note(place, tookMs, { result: 'unreachable', detail, advice: adviceOf(heard.code) });
      return [];
    }
    return this.#hear(place, heard, tookMs);
  }

  #hear(place: Place, heard: Extract<Heard, { kind: 'answered' }>, tookMs: number): 'found' | readonly Place[] {
    const { status, location } = heard;
    if (status >= 300 && status < 400 && location !== undefined)
      return this.#redirected(place, location, tookMs, status);
    if (status === 401 && place.form !== 'redirect') {
      this.#refused ||= place.form !== 'json';
      const advice = 'Check user name, domain, password and authentication; the password is not sent a second time.';
      this.#note(place, tookMs, { status, result: 'unauthorized', advice });
      return [];
    }
    if (status !== 200 || place.form === 'redirect') {
      const advice = 'Nothing, if another place answers: Autodiscover is not here.';
      this.#note(place, tookMs, { status, result: 'not-here', advice });
      return [];
    }
    return this.#understood(place, readAnswer(place.form, heard.text), tookMs);
  }

  #understood(place: Place, said: Said, tookMs: number): 'found' | readonly Place[] {
    const status = 200;
    switch (said.kind) {
      case 'other-url':
        return this.#redirected(place, said.url, tookMs, status);
      case 'other-address': {
        const known = domainOfAddress(said.address) !== undefined;
        const advice = known ? 'Nothing: asked for the other address.' : 'Correct the target address of the mailbox.';
        this.#note(place, tookMs, { status, result: known ? 'redirect' : 'unreadable', advice });
        return known ? placesOf(said.address, this.#parts.signsIn) : [];
      }
      case 'unknown':
        this.#note(place, tookMs, {
          status,
          result: 'unknown-address',
          detail: said.detail,
          advice:
            'Use the primary address of a mailbox (Get-Mailbox), and check Set-WebServicesVirtualDirectory -ExternalUrl.',
        });
        return [];
      case 'unreadable':
        this.#note(place, tookMs, {
          status,
          result: 'unreadable',
          advice: 'What answers is a web site, no Autodiscover. Nothing, if another place answers.',
        });
        return [];
      default:
        this.#note(place, tookMs, { status, result: 'found' });
        this.#ewsUrl = said.ewsUrl;
        this.#oabUrl = said.oabUrl;
        return 'found';
    }
  }

  #redirected(place: Place, target: string, tookMs: number, status: number): readonly Place[] {
    const url = URL.canParse(target, place.url.href) ? new URL(target, place.url.href) : undefined;
    if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
      const advice = 'Correct the redirect: it has to name an https address.';
      this.#note(place, tookMs, { status, result: 'unsafe-redirect', advice });
      return [];
    }
    const host = hostAndPort(url.href) ?? '';
    this.#note(place, tookMs, { status, result: 'redirect', detail: host, advice: 'Nothing: it is followed.' });
    return [{ form: place.form === 'redirect' ? formOf(url) : place.form, url, address: place.address }];
  }

  #wantsConsent(place: Place, host: string): readonly Place[] {
    const advice = `Nothing was sent to ${host}. If it is yours or your provider's, ask again with it in \`hosts\` and with the password.`;
    this.#note(place, 0, { result: 'consent-needed', wantsConsent: host, advice });
    return [];
  }

  #note({ form, url }: Place, tookMs: number, told: Omit<Step, 'form' | 'host' | 'tookMs'>): void {
    this.#steps.push({ form, host: hostAndPort(url.href) ?? '', tookMs, ...told });
  }

  #done(ok: boolean): Discovery {
    const wantsConsent = this.#steps.flatMap((step) => step.wantsConsent ?? []);
    return {
      ok,
      ...(this.#ewsUrl === undefined ? {} : { ewsUrl: this.#ewsUrl }),
      ...(this.#oabUrl === undefined ? {} : { oabUrl: this.#oabUrl }),
      wantsConsent: [...new Set(wantsConsent)],
      steps: this.#steps,
    };
  }
}

/** The documented order; the http place only sends on, and JSON comes last, since it knows no address book. */
function placesOf(address: string, signsIn: boolean): Place[] {
  const domain = domainOfAddress(address);
  if (domain === undefined) return [];
  const hosts = [domain, `autodiscover.${domain}`];
  const at = (host: string, file: string, scheme = 'https') =>
    new URL(`${scheme}://${host}/autodiscover/autodiscover.${file}`);
  const signed = hosts.flatMap((host): Place[] => [
    { form: 'pox', url: at(host, 'xml'), address },
    { form: 'soap', url: at(host, 'svc'), address },
  ]);
  const sendsOn: Place = { form: 'redirect', url: at(`autodiscover.${domain}`, 'xml', 'http'), address };
  const query = `json?Email=${encodeURIComponent(address)}&Protocol=EWS`;
  const plain = hosts.map((host): Place => ({ form: 'json', url: at(host, query), address }));
  return signsIn ? [...signed, sendsOn, ...plain] : plain;
}

function questionOf({ form, url, address }: Place, signedIn: boolean): Question {
  if (form === 'pox') return { url, method: 'POST', body: poxRequest(address), signedIn };
  if (form === 'soap') return { url, method: 'POST', body: soapRequest(address, url), signedIn };
  return { url, method: 'GET', body: '', signedIn };
}

function formOf({ pathname }: URL): Form {
  if (/\.svc$/i.test(pathname)) return 'soap';
  return /\.json(\/|$)/i.test(pathname) ? 'json' : 'pox';
}

function adviceOf(code: string): string {
  if (code === 'exchange-certificate')
    return 'Put its authority into the trusted certificate authorities, or renew it.';
  if (code === 'exchange-tls') return 'Switch on TLS 1.2 there, and check that https is spoken.';
  if (code === 'exchange-proxy-refused') return 'Allow CONNECT to this host at the proxy, or correct its account.';
  return 'Nothing, if another place answers; else check DNS and the firewall for this host.';
}
