// The cookies that Exchange sets for affinity (X-BackEndOverrideCookie, X-BackEndCookie). Name and value only: they go back to the
// one host that set them, for the life of one jar.

export class CookieJar {
  readonly #cookies = new Map<string, string>();
  readonly #maxCookies: number;

  constructor(maxCookies: number) {
    this.#maxCookies = maxCookies;
  }

  /** Takes the `set-cookie` headers of an answer. Beyond the bound the oldest cookie goes. */
  take(setCookie: string | readonly string[] | undefined): void {
    for (const header of setCookie === undefined ? [] : [setCookie].flat()) {
      const match = /^\s*([^=;\s]+)=([^;]*)/.exec(header);
      if (match === null) continue;
      const [, name = '', value = ''] = match;
      this.#cookies.delete(name);
      this.#cookies.set(name, value);
      const [oldest] = this.#cookies.keys();
      if (this.#cookies.size > this.#maxCookies && oldest !== undefined) this.#cookies.delete(oldest);
    }
  }

  /** The value of the `Cookie` header; undefined when there is none. */
  header(): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
