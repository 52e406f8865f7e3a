// What a failed call means, in three layers: below HTTP, HTTP without SOAP, and the response code of a fault or message.
// Source: "Response codes" and "Signals" of the EWS reference (Learn: responsecode, ews-throttling-in-exchange). One condition
// (busy) has several shapes; all of them end here as one coded error, an outcome for the governor and perhaps a pause.

import { type CodedError, codedError, type ErrorCode } from '@lockstep/contracts';
import { gatewayConfig } from '../../../config.ts';
import type { TransportError } from '../../../http/transport-error.ts';
import type { CallOutcome, Pause } from '../../../tokens/call-outcome.ts';

export interface Failure {
  readonly error: CodedError;
  readonly outcome: CallOutcome;
  readonly pause?: Pause;
  /** The server may have carried the request out before it failed. */
  readonly mayHaveHappened: boolean;
}

const { pauses } = gatewayConfig;

const codes: Readonly<Record<string, ErrorCode>> = {
  ErrorServerBusy: 'exchange-busy',
  ErrorExceededConnectionCount: 'exchange-busy',
  ErrorTooManyObjectsOpened: 'exchange-busy',
  ErrorTimeoutExpired: 'exchange-timeout',
  ErrorInternalServerTransientError: 'exchange-transient',
  ErrorInternalServerError: 'exchange-transient',
  ErrorServiceUnavailable: 'exchange-transient',
  ErrorMailboxStoreUnavailable: 'exchange-transient',
  ErrorMailboxMoveInProgress: 'exchange-transient',
  ErrorMailboxFailover: 'exchange-transient',
  ErrorConnectionFailed: 'exchange-transient',
  ErrorMailboxLogonFailed: 'exchange-transient',
  ErrorADUnavailable: 'exchange-transient',
  ErrorADOperation: 'exchange-transient',
  ErrorNotEnoughMemory: 'exchange-transient',
  ErrorInsufficientResources: 'exchange-transient',
  ErrorBatchProcessingStopped: 'exchange-transient',
  ErrorClientDisconnected: 'exchange-transient',
  ErrorProxyRequestProcessingFailed: 'exchange-transient',
  ErrorNoRespondingCASInDestinationSite: 'exchange-transient',
  ErrorProxyRequestNotAllowed: 'exchange-transient',
  ErrorImpersonationFailed: 'exchange-transient',
  ErrorExceededSubscriptionCount: 'exchange-transient',
  ErrorExceededFindCountLimit: 'exchange-transient',
  ErrorCrossSiteRequest: 'exchange-configuration',
  ErrorWrongServerVersion: 'exchange-configuration',
  ErrorWrongServerVersionDelegate: 'exchange-configuration',
  ErrorInvalidServerVersion: 'exchange-configuration',
  ErrorInvalidSchemaVersionForMailboxVersion: 'exchange-configuration',
  ErrorOrganizationAccessBlocked: 'exchange-blocked',
  ErrorPasswordExpired: 'exchange-unauthorized',
  ErrorPasswordChangeRequired: 'exchange-unauthorized',
  ErrorInvalidAuthorizationContext: 'exchange-unauthorized',
  ErrorTokenSerializationDenied: 'exchange-impersonation-denied',
  ErrorImpersonateUserDenied: 'exchange-impersonation-denied',
  ErrorImpersonationDenied: 'exchange-impersonation-denied',
  ErrorNonExistentMailbox: 'exchange-mailbox-missing',
  ErrorNonPrimarySmtpAddress: 'exchange-mailbox-missing',
  ErrorMissingEmailAddress: 'exchange-mailbox-missing',
  ErrorAccountDisabled: 'exchange-mailbox-missing',
  ErrorInvalidLicense: 'exchange-mailbox-missing',
  ErrorMailboxConfiguration: 'exchange-mailbox-missing',
  ErrorInvalidUserPrincipalName: 'exchange-mailbox-missing',
  ErrorInvalidUserSid: 'exchange-mailbox-missing',
  ErrorFolderNotFound: 'exchange-folder-missing',
  ErrorSyncFolderNotFound: 'exchange-folder-missing',
  ErrorAccessDenied: 'exchange-access-denied',
  ErrorCreateItemAccessDenied: 'exchange-access-denied',
  ErrorInvalidSyncStateData: 'exchange-sync-state-invalid',
  ErrorSubscriptionNotFound: 'exchange-subscription-lost',
  ErrorInvalidSubscription: 'exchange-subscription-lost',
  ErrorExpiredSubscription: 'exchange-subscription-lost',
  ErrorSubscriptionUnsubscribed: 'exchange-subscription-lost',
  ErrorSubscriptionAccessDenied: 'exchange-subscription-lost',
  ErrorInvalidWatermark: 'exchange-subscription-lost',
  ErrorReadEventsFailed: 'exchange-subscription-lost',
  ErrorMissedNotificationEvents: 'exchange-subscription-lost',
  ErrorSubscriptionDelegateAccessNotSupported: 'exchange-configuration',
  ErrorSchemaValidation: 'exchange-request-refused',
  ErrorInvalidRequest: 'exchange-request-refused',
  ErrorInvalidArgument: 'exchange-request-refused',
  ErrorInvalidOperation: 'exchange-request-refused',
  ErrorInvalidPropertyRequest: 'exchange-request-refused',
  ErrorInvalidPropertySet: 'exchange-request-refused',
  ErrorInvalidExchangeImpersonationHeaderData: 'exchange-request-refused',
  ErrorSendMeetingInvitationsRequired: 'exchange-request-refused',
  ErrorSendMeetingInvitationsOrCancellationsRequired: 'exchange-request-refused',
  ErrorSendMeetingCancellationsRequired: 'exchange-request-refused',
  ErrorAffectedTaskOccurrencesRequired: 'exchange-request-refused',
  // SOAP's own word for "you are wrong".
  Client: 'exchange-request-refused',
};

/** Codes that say: somebody changed the item since the change key was read. */
const conflictCodes: ReadonlySet<string> = new Set([
  'ErrorIrresolvableConflict',
  'ErrorChangeKeyRequiredForWriteOperations',
  'ErrorStaleObject',
  'ErrorInvalidChangeKey',
]);

/** Codes that say: the item is not there, or may not be seen. */
const missingCodes: ReadonlySet<string> = new Set([
  'ErrorItemNotFound',
  'ErrorInvalidId',
  'ErrorInvalidIdMalformed',
  'ErrorInvalidIdEmpty',
  'ErrorCalendarCannotUpdateDeletedItem',
]);

export const meansConflict = (code: string): boolean => conflictCodes.has(code);
export const meansMissing = (code: string): boolean => missingCodes.has(code);

/**
 * A response code of a fault or a message. An unknown one is the item's failure: only a person can say more. A fault without a code
 * of EWS (`Server`, `InternalServiceFault`) comes from what stands around it and says nothing about what was done before.
 */
export function codeFailure(code: string, hintMs: number | undefined): Failure {
  const coded = codes[code] ?? (code.startsWith('Error') ? 'exchange-item-refused' : 'exchange-transient');
  if (coded === 'exchange-busy') {
    const standard = code === 'ErrorExceededConnectionCount' ? pauses.connectionCountMs : pauses.defaultMs;
    return busy('payer', hintMs ?? standard, code);
  }
  const passing = coded === 'exchange-transient' || coded === 'exchange-timeout';
  return {
    error: codedError(coded, { detail: code }),
    outcome: coded === 'exchange-timeout' ? 'timeout' : 'refused',
    mayHaveHappened: passing,
  };
}

/** Statuses that say: not now. Mostly the front end's queue, or a proxy whose server is away. */
export const meansUnavailable = (status: number): boolean => status === 503 || status === 429;

/**
 * An HTTP status that carries no SOAP; 200 and 500 with SOAP never come here. `nowMs` is for a Retry-After that is a date,
 * `unavailableMs` is the delay where there is none.
 */
export function statusFailure(
  status: number,
  headers: { readonly location?: string | undefined; readonly 'retry-after'?: string | undefined },
  nowMs: number,
  unavailableMs: number,
): Failure {
  const detail = `HTTP ${status}`;
  const refused = (code: ErrorCode, mayHaveHappened = false): Failure => ({
    error: codedError(code, { detail }),
    outcome: 'refused',
    mayHaveHappened,
  });
  if (meansUnavailable(status)) {
    // A proxy that lost the server behind it says 503 after it passed the request on.
    const asked = busy('endpoint', retryAfterMs(headers['retry-after'], nowMs) ?? unavailableMs, detail);
    return { ...asked, mayHaveHappened: status === 503 };
  }
  // 440 and 456: the logon timed out or the account is locked. Trying on would keep it locked, just as 401 would.
  if (status === 401 || status === 440 || status === 456) return refused('exchange-unauthorized');
  if (status === 403) return refused('exchange-blocked');
  // Exchange under load redirects to its error page; any other redirect is a logon page or a wrong address.
  if (status >= 300 && status < 400) {
    const overloaded = /\/genericerrorpage\.htm/i.test(headers.location ?? '');
    return refused(overloaded ? 'exchange-transient' : 'exchange-configuration', overloaded);
  }
  if (status >= 500 || status === 407 || status === 408) return refused('exchange-transient', status >= 500);
  return refused(status === 200 ? 'exchange-reply-unreadable' : 'exchange-configuration', status === 200);
}

/** What was below HTTP. `unavailableMs`: the delay when no connection could be made. */
export function transportFailure(error: TransportError, unavailableMs: number): Failure {
  const mayHaveHappened = error.sent;
  const detail = error.systemCode === undefined ? {} : { detail: error.systemCode };
  if (error.failure === 'timeout') {
    const code = error.sent ? 'exchange-timeout' : 'exchange-unreachable';
    return { error: codedError(code, detail), outcome: error.sent ? 'timeout' : 'connection', mayHaveHappened };
  }
  if (error.failure === 'unreadable' || error.failure === 'too-large') {
    return {
      error: codedError('exchange-reply-unreadable', { detail: error.failure }),
      outcome: 'refused',
      mayHaveHappened,
    };
  }
  const failed: Failure = {
    error: connectionError(error),
    outcome: error.sent ? 'connection' : 'unsent',
    mayHaveHappened,
  };
  if (error.failure === 'aborted' || error.sent) return failed;
  return { ...failed, outcome: 'connection', pause: { scope: 'endpoint', pauseMs: unavailableMs } };
}

/** Codes of certificates that are refused, in words that an administrator knows. Source: openssl-verification-options(1), Node's tls. */
const certificateReasons: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown authority (the certificate signs itself)',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not valid yet',
  CERT_REVOKED: 'revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong host',
  HOSTNAME_MISMATCH: 'wrong host',
};

/** What hinders a connection, or broke it. */
export function connectionError({ failure, systemCode }: TransportError): CodedError {
  const detail = systemCode === undefined ? {} : { detail: systemCode };
  if (failure === 'proxy') {
    // What it says of the server behind it is no refusal of us.
    const gone = systemCode !== undefined && /^HTTP 50[234]$/.test(systemCode);
    return gone
      ? codedError('exchange-unreachable', { detail: `proxy ${systemCode}` })
      : codedError('exchange-proxy-refused', detail);
  }
  if (failure === 'tls') return codedError('exchange-tls', detail);
  if (failure !== 'certificate' || systemCode === undefined) return codedError('exchange-unreachable', detail);
  const reason = certificateReasons[systemCode];
  return codedError('exchange-certificate', {
    detail: reason === undefined ? systemCode : `${reason} (${systemCode})`,
  });
}

/** What a failed write is told as: unless it certainly did not happen, its outcome is unknown and has to be looked up. */
export function writeFailure(failure: Failure): Failure {
  if (!failure.mayHaveHappened) return failure;
  const { code, detail } = failure.error;
  return { ...failure, error: codedError('exchange-unknown-outcome', { detail: detail ?? code }) };
}

function busy(scope: Pause['scope'], wishedMs: number, detail: string): Failure {
  const pauseMs = Math.min(Math.max(wishedMs, pauses.leastMs), pauses.longestMs);
  return {
    error: codedError('exchange-busy', { detail, backOffMs: pauseMs }),
    outcome: 'busy',
    pause: { scope, pauseMs },
    mayHaveHappened: false,
  };
}

/** Retry-After is a number of seconds or a date (RFC 9110 §10.2.3). */
function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const asked = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(asked) ? Math.round(asked) : undefined;
}
