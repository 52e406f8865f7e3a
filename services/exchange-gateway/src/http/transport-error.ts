// What went wrong below SOAP. `sent` decides whether a write may have been carried out: true from the moment before the first
// byte, since nobody can know how much of a broken request arrived.

import { ProxyRefusal } from './tunnel.ts';

export type TransportFailure =
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'too-large'
  | 'unreadable'
  /** The server's certificate is not accepted. */
  | 'certificate'
  /** TLS does not come about for another reason. */
  | 'tls'
  /** The proxy does not let us through. */
  | 'proxy';

/** Carries neither headers nor body, so that logging it shows no secret and nothing personal. */
export class TransportError extends Error {
  readonly failure: TransportFailure;
  readonly sent: boolean;
  /** The system's code where there is one, for example ECONNREFUSED; of a proxy its status. */
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

/** Codes with which OpenSSL and Node refuse a certificate. */
const certificateCodes =
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$)/;

/** What hindered a request below HTTP, with the code that says why. */
export function networkFailure(error: unknown): {
  readonly failure: TransportFailure;
  readonly systemCode: string | undefined;
} {
  if (error instanceof ProxyRefusal) return { failure: 'proxy', systemCode: `HTTP ${error.status}` };
  const systemCode = systemCodeOf(error);
  if (systemCode !== undefined && certificateCodes.test(systemCode)) return { failure: 'certificate', systemCode };
  const isTls = systemCode !== undefined && /^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(systemCode);
  return { failure: isTls ? 'tls' : 'network', systemCode };
}
