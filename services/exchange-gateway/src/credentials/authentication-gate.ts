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

  /** How long no call with these credentials may be sent; 0 when one may. */
  stoppedForMs(fingerprint: string): number {
    this.#use(fingerprint);
    return this.stopped ? Math.max(0, Math.ceil(this.#nextProbeMs - this.#options.monotonic())) : 0;
  }

  /** Whether this call may be sent; a stopped endpoint lets one through when a probe is due. */
  admit(fingerprint: string): boolean {
    if (this.stoppedForMs(fingerprint) > 0) return false;
    if (this.stopped) this.#nextProbeMs = this.#options.monotonic() + this.#options.probeEveryMs;
    return true;
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

  #use(fingerprint: string): void {
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    this.#refusals = 0;
  }
}
