// Two 401 in a row stop the endpoint, since retries lock accounts; then one probe in 5 minutes until the credentials change.
// One 401 alone does not: Exchange gives single ones under load.

export interface AuthenticationGateOptions {
  readonly refusalsToStop: number;
  readonly probeEveryMs: number;
  readonly monotonic: () => number;
}

export class AuthenticationGate {
  readonly #options: AuthenticationGateOptions;
  #fingerprint = '';
  #refusals = 0;
  #nextProbeMs = 0;

  constructor(options: AuthenticationGateOptions) {
    this.#options = options;
  }

  /** Whether a call with these credentials may be sent; a stopped endpoint lets one through when a probe is due. */
  admit(fingerprint: string): 'open' | { readonly stoppedForMs: number } {
    if (fingerprint !== this.#fingerprint) {
      this.#fingerprint = fingerprint;
      this.#refusals = 0;
    }
    if (!this.stopped) return 'open';
    const now = this.#options.monotonic();
    if (now < this.#nextProbeMs) return { stoppedForMs: Math.ceil(this.#nextProbeMs - now) };
    this.#nextProbeMs = now + this.#options.probeEveryMs;
    return 'open';
  }

  /** Exchange refused these credentials. */
  refused(fingerprint: string): void {
    if (fingerprint !== this.#fingerprint) return;
    this.#refusals++;
    if (this.#refusals === this.#options.refusalsToStop) {
      this.#nextProbeMs = this.#options.monotonic() + this.#options.probeEveryMs;
    }
  }

  /** Exchange accepted these credentials, whatever it said otherwise. */
  accepted(fingerprint: string): void {
    if (fingerprint === this.#fingerprint) this.#refusals = 0;
  }

  get stopped(): boolean {
    return this.#refusals >= this.#options.refusalsToStop;
  }
}
