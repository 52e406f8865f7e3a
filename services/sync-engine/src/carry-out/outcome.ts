// What a failed write means: did it certainly not happen, or may it have?
import type { CodedError, ErrorCode } from '@lockstep/contracts';

/** Failures after which the call was certainly not carried out. Whatever is not named here may have had its effect. */
const notCarriedOut: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'request-invalid',
  'service-busy',
  'service-missing',
  'message-too-large',
  'governor-not-ready',
  'governor-queue-full',
  'governor-back-off',
  'governor-session-unknown',
  'governor-lapsed',
  'mailbox-not-linked',
  'exchange-not-configured',
  'superoffice-not-configured',
  'credential-missing',
  'credential-unreadable',
  'credential-host-mismatch',
  'exchange-busy',
  'exchange-unauthorized',
  'exchange-blocked',
  'exchange-impersonation-denied',
  'exchange-mailbox-missing',
  'exchange-folder-missing',
  'exchange-access-denied',
  'exchange-item-refused',
  'exchange-would-notify',
  'exchange-request-refused',
  'superoffice-busy',
  'superoffice-unauthorized',
  'superoffice-access-denied',
  'superoffice-refused',
]);

export function mayHaveHappened(error: CodedError): boolean {
  return !notCarriedOut.has(error.code);
}
