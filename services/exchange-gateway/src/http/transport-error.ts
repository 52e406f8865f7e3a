// What went wrong below SOAP. `sent` decides whether a write may have been carried out: true from the moment before the first
// byte, since nobody can know how much of a broken request arrived.

export type TransportFailure = 'timeout' | 'aborted' | 'network' | 'too-large' | 'unreadable';

/** Carries neither headers nor body, so that logging it shows no secret and nothing personal. */
export class TransportError extends Error {
  readonly failure: TransportFailure;
  readonly sent: boolean;
  /** The system's code where there is one, for example ECONNREFUSED. */
  readonly systemCode: string | undefined;
  /** True when the connection had carried a request before: the server may have closed it before ours came. */
  readonly onReused: boolean;

  constructor(failure: TransportFailure, sent: boolean, systemCode?: string, onReused = false) {
    super(
      `${failure}${systemCode === undefined ? '' : ` (${systemCode})`} ${sent ? 'after' : 'before'} the first byte`,
    );
    this.name = 'TransportError';
    this.failure = failure;
    this.sent = sent;
    this.systemCode = systemCode;
    this.onReused = onReused;
  }
}

/** The code of a system or undici error, looked for in its causes too: a failed connect is an AggregateError. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  if (error instanceof AggregateError) return systemCodeOf(error.errors[0]);
  return systemCodeOf(error.cause);
}
