// Two 401 in a row stop the endpoint, since retries lock accounts; then one probe in 5 minutes until the credentials change.
// One 401 alone does not: Exchange gives single ones under load. What a newcomer would get wrong: calls that are under way together
// are refused together, so that a wrong password would cost as many refusals as calls; until the account is accepted, one call goes.

export interface AuthenticationGateOptions {
  readonly refusalsToStop: number;
  readonly probeEveryMs: number;
  readonly monotonic: () => number;
}

/** What becomes of a call: it goes, it waits until the one before it has ended, or it is not sent. */
export type Admission =
  | {
      readonly kind: 'admitted';
      /** To be called when the call has ended, however it did. */
      readonly leave: () => void;
    }
  | { readonly kind: 'waits'; readonly ended: Promise<void> }
  | { readonly kind: 'stopped' };

export class AuthenticationGate {
  readonly #options: AuthenticationGateOptions;
  #fingerprint = '';
  #refusals = 0;
  #nextProbeAt = 0;
  /** Whether the last answer that told accepted the credentials. */
  #proven = false;
  /** The one call that tries credentials which are not proven. */
  #trial: PromiseWithResolvers<void> | undefined;

  constructor(options: AuthenticationGateOptions) {
    this.#options = options;
  }

  /** How long no call with these credentials may be sent; 0 when one may. */
  stoppedForMs(fingerprint: string): number {
    this.#use(fingerprint);
    return this.stopped ? Math.max(0, Math.ceil(this.#nextProbeAt - this.#options.monotonic())) : 0;
  }

  /** Whether this call may be sent; a stopped endpoint lets one through when a probe is due. */
  admit(fingerprint: string): Admission {
    if (this.stoppedForMs(fingerprint) > 0) return { kind: 'stopped' };
    if (this.stopped) this.#nextProbeAt = this.#options.monotonic() + this.#options.probeEveryMs;
    if (this.stopped || this.#proven) return { kind: 'admitted', leave: () => undefined };
    if (this.#trial !== undefined) return { kind: 'waits', ended: this.#trial.promise };
    const trial = Promise.withResolvers<void>();
    this.#trial = trial;
    return { kind: 'admitted', leave: () => this.#end(trial) };
  }

  /** Lets the next call through, though the endpoint is stopped. */
  allowProbe(): void {
    this.#nextProbeAt = this.#options.monotonic();
  }

  /** Exchange refused these credentials. */
  refused(fingerprint: string): void {
    if (fingerprint !== this.#fingerprint) return;
    this.#refusals++;
    this.#proven = false;
    if (this.#refusals === this.#options.refusalsToStop) {
      this.#nextProbeAt = this.#options.monotonic() + this.#options.probeEveryMs;
    }
  }

  /** Exchange accepted these credentials, whatever it said otherwise. */
  accepted(fingerprint: string): void {
    if (fingerprint !== this.#fingerprint) return;
    this.#refusals = 0;
    this.#proven = true;
    this.#end(this.#trial);
  }

  get stopped(): boolean {
    return this.#refusals >= this.#options.refusalsToStop;
  }

  #use(fingerprint: string): void {
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    this.#refusals = 0;
    this.#proven = false;
    this.#end(this.#trial);
  }

  #end(trial: PromiseWithResolvers<void> | undefined): void {
    if (this.#trial === trial) this.#trial = undefined;
    trial?.resolve();
  }
}
