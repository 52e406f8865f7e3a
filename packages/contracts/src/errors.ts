// Every coded error that crosses the bus or leaves by HTTP: one row a failure, with what the caller may do about it.
// docs/reference/errors.md is generated from this table and compared by a test; never make up a code elsewhere.
import { Type } from 'typebox';
import type { Data } from './shape.ts';

/** `never`: the same request will fail again. `later`: it may succeed later. `busy`: it may succeed after `backOffMs`. */
export type RetryClass = 'never' | 'later' | 'busy';

interface ErrorRow {
  readonly retry: RetryClass;
  readonly meaning: string;
  readonly advice: string;
}

const row = (retry: RetryClass, meaning: string, advice: string): ErrorRow => ({ retry, meaning, advice });

export const errorTable = {
  // The bus
  'request-invalid': row(
    'never',
    'A field of the request is missing or wrong; `field` names it.',
    'Correct the field.',
  ),
  'reply-invalid': row(
    'later',
    'A reply could not be read.',
    'Look for services of different versions running side by side.',
  ),
  'deadline-passed': row(
    'later',
    'No time was left before the work was done.',
    'Ask again; look at the latency dashboards if it repeats.',
  ),
  'service-busy': row(
    'busy',
    'The service has as many requests running and waiting as it accepts.',
    'Wait; add a replica if it repeats.',
  ),
  'service-missing': row(
    'later',
    'Nobody serves this request at the moment.',
    'Check that the service runs and is ready.',
  ),
  'service-stopping': row('later', 'The service is stopping.', 'Ask again: another replica takes over.'),
  'internal-error': row(
    'later',
    'The service failed in a way that it did not expect.',
    'Look at its log with the correlation id.',
  ),
  'message-too-large': row('never', 'The message is larger than 512 KiB.', 'Ask for smaller pages.'),
  'bus-unavailable': row(
    'later',
    'NATS cannot be reached or did not acknowledge in time.',
    'Check the NATS server and its storage.',
  ),
  'not-owner': row('later', 'This process no longer owns the partition.', 'Ask again: the new owner answers.'),
  // What is stored
  'stored-record-newer': row(
    'never',
    'A newer release wrote a stored record; going on could lose what it added. `detail` is its key.',
    'Run at least the release that wrote it.',
  ),
  'stored-record-damaged': row(
    'never',
    'A stored record cannot be read; `detail` is its key, `field` what is wrong in it.',
    'Rebuild the mailbox (`POST /api/v1/mailboxes/{mailbox}/rebuild`), or save the settings section again.',
  ),
  // The governor
  'governor-not-ready': row(
    'busy',
    'The governor has just taken over and is counting what is out.',
    'Wait ten seconds.',
  ),
  'governor-queue-full': row(
    'busy',
    'As many calls wait for a token as the governor accepts.',
    'Raise the limit of concurrent requests or lower the load.',
  ),
  'governor-back-off': row(
    'busy',
    'Exchange asked for a pause in this scope.',
    'Wait; the remaining time is in `backOffMs`.',
  ),
  'governor-session-unknown': row(
    'later',
    'The governor does not know the gateway session.',
    'The gateway registers again by its next heartbeat.',
  ),
  'governor-lapsed': row(
    'later',
    'The gateway has no valid session with a governor, so nothing is sent.',
    'Check the throttle-governor and NATS.',
  ),
  // Settings
  // `later`: a new link may have reached the caller before the service that it asks.
  'mailbox-not-linked': row('later', 'No user link has this mailbox key.', 'Link the user in the settings.'),
  'exchange-not-configured': row(
    'later',
    'The technical settings lack what a call to Exchange needs; `field` names it.',
    'Complete the technical settings.',
  ),
  'superoffice-not-configured': row(
    'later',
    'The settings lack what a call to SuperOffice needs; `field` names it.',
    'Complete the SuperOffice settings.',
  ),
  'credential-missing': row('later', 'No secret is set for this account.', 'Set the password in the settings.'),
  'credential-unreadable': row(
    'later',
    'The sealed secret cannot be opened with this key.',
    'Set the password again; check the key file.',
  ),
  'credential-host-mismatch': row(
    'never',
    'The secret was sealed for other hosts than the one asked for.',
    'Set the secret again together with the new address.',
  ),
  'place-unconfirmed': row(
    'later',
    'The user link or the server was changed, and none of the linked items has been seen there since, so that nothing counts as deleted.',
    'Check the address and the associate of the user link, and the servers in the settings.',
  ),
  'settings-conflict': row(
    'later',
    'The settings were changed by someone else meanwhile.',
    'Read them again and repeat the change with the new ETag.',
  ),
  'sealing-key-missing': row(
    'later',
    'The settings service has no usable public key to seal this secret.',
    'Give it the public key file named in `detail`, an EC P-256 key as JWK.',
  ),
  'settings-not-found': row('never', 'There is no such settings section, user link or revision.', 'Check the address.'),
  unauthorized: row(
    'never',
    'The bearer token is missing or wrong.',
    'Send the administrator token as `Authorization: Bearer …`.',
  ),
  'not-found': row('never', 'There is nothing at this address.', 'See the OpenAPI description at /docs.'),
  // Exchange
  'exchange-busy': row(
    'busy',
    'Exchange is throttling this scope.',
    'Wait; lower the limit of concurrent requests if it repeats.',
  ),
  'exchange-unreachable': row(
    'later',
    'Exchange could not be reached, or the connection broke.',
    'Check the EWS address, DNS, the network and the proxy.',
  ),
  'exchange-certificate': row(
    'later',
    'The certificate of Exchange is not accepted, so nothing was sent; `detail` says why: unknown authority, expired, not valid yet, wrong host, or revoked.',
    'Unknown authority: put the authority into the trusted certificate authorities. Expired or not valid yet: renew it on the server, check the clocks. Wrong host: use an address with a name that stands in the certificate.',
  ),
  'exchange-tls': row(
    'later',
    'No secure connection to Exchange comes about; `detail` says why. TLS 1.2 or later is needed.',
    'Check that https is spoken at the address and port, and switch on TLS 1.2 on the server.',
  ),
  'exchange-proxy-refused': row(
    'later',
    'The proxy does not let us through to Exchange; `detail` has its status.',
    'With 407 check user name and password of the proxy; else allow CONNECT to the host and port of Exchange there.',
  ),
  'oauth-refused': row(
    'later',
    'The sign-in service gives no token for the application; `detail` has its reason (AADSTS…).',
    'Check tenant, application id, client secret or certificate, and the consent of an administrator.',
  ),
  'oauth-unreachable': row(
    'later',
    'The sign-in service cannot be reached, or does not answer as one; `detail` says how.',
    'Check the address of the sign-in service, the network, the proxy and the certificate.',
  ),
  'exchange-timeout': row('later', 'Exchange did not answer in time.', 'Check the load of the Exchange server.'),
  'exchange-unknown-outcome': row(
    'later',
    'The connection broke after the request was sent; it may or may not have been carried out.',
    'Nothing: the outcome is looked up.',
  ),
  'exchange-transient': row(
    'later',
    'Exchange reported a passing fault.',
    'Nothing; look at the Exchange server if it repeats.',
  ),
  'exchange-unauthorized': row(
    'later',
    'Exchange refuses the account or password.',
    'Check account, domain, password and authentication.',
  ),
  'exchange-blocked': row(
    'later',
    'Exchange answers 403: EWS is switched off for the organisation, the application or the mailbox.',
    'Check EwsEnabled and the allow lists.',
  ),
  'exchange-impersonation-denied': row(
    'later',
    'The account may not impersonate this mailbox.',
    'Assign the ApplicationImpersonation role for this mailbox.',
  ),
  'exchange-mailbox-missing': row(
    'later',
    'Exchange has no usable mailbox with this address.',
    'Check the address in the user link.',
  ),
  'exchange-folder-missing': row(
    'later',
    'The folder does not exist or may not be seen.',
    'Check the mailbox and the rights of the account.',
  ),
  'exchange-access-denied': row(
    'later',
    'The account lacks the rights for this folder or item.',
    'Check the rights of the account.',
  ),
  'exchange-sync-state-invalid': row(
    'never',
    'Exchange refuses the sync state.',
    'Nothing: the folder is compared in full.',
  ),
  'exchange-subscription-lost': row('later', 'Exchange no longer knows the subscription.', 'Nothing: it is renewed.'),
  'exchange-item-refused': row(
    'never',
    'Exchange refuses the item or the change; `detail` has its response code.',
    'Look at the item named in the history.',
  ),
  'exchange-item-unreadable': row(
    'never',
    'Exchange cannot give this one item as it should, while it gives others; `detail` says how it failed.',
    'Open the item in Outlook and save or remove it; a repair of the mailbox may help.',
  ),
  'exchange-would-notify': row(
    'never',
    'Exchange would send a message to somebody if it carried this out; nothing was done.',
    'Change or delete the item in Outlook.',
  ),
  'exchange-request-refused': row(
    'never',
    'Exchange refuses the request as malformed; `detail` has its response code.',
    'Report it: this is a defect of Lockstep.',
  ),
  'exchange-configuration': row(
    'later',
    'Exchange answered in a way that only a changed configuration mends; `detail` says how.',
    'Check the EWS address and the technical settings.',
  ),
  'exchange-reply-unreadable': row(
    'later',
    'What answered is not EWS, or its answer is damaged.',
    'Check the EWS address for a proxy or logon page.',
  ),
  // SuperOffice
  'superoffice-busy': row('busy', 'SuperOffice asks for a pause.', 'Wait.'),
  'superoffice-unreachable': row(
    'later',
    'SuperOffice could not be reached, or the connection broke.',
    'Check the address and the network.',
  ),
  'superoffice-timeout': row('later', 'SuperOffice did not answer in time.', 'Check the load of SuperOffice.'),
  'superoffice-unknown-outcome': row(
    'later',
    'The connection broke after the request was sent; it may or may not have been carried out.',
    'Nothing: the outcome is looked up.',
  ),
  'superoffice-unauthorized': row('later', 'SuperOffice refuses the account.', 'Check the account and its secret.'),
  'superoffice-access-denied': row(
    'later',
    'The account lacks the rights for this.',
    'Check the rights of the account in SuperOffice.',
  ),
  'superoffice-refused': row(
    'never',
    'SuperOffice refuses the row or the change; `detail` has its error type.',
    'Look at the item named in the history.',
  ),
  'superoffice-failed': row(
    'later',
    'SuperOffice reported a fault of its own.',
    'Look at the SuperOffice server if it repeats.',
  ),
  'superoffice-dates-without-offset': row(
    'later',
    'SuperOffice gives dates without an offset, so that nobody can tell which instants they are; nothing is synchronized.',
    'Switch on support for several time zones in SuperOffice Admin; then nothing more is to be done.',
  ),
  'superoffice-reply-unreadable': row(
    'later',
    'What answered is not the SuperOffice API, or its answer is damaged.',
    'Check the address.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** A failure as it crosses the bus. `message` and `detail` never hold a subject, body, name, address or password. */
export const CodedError = Type.Object({
  code: Type.String(),
  retry: Type.Union([Type.Literal('never'), Type.Literal('later'), Type.Literal('busy')]),
  message: Type.String(),
  field: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  backOffMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type CodedError = Omit<Data<typeof CodedError>, 'code'> & { readonly code: ErrorCode };

export interface CodedErrorExtras {
  readonly field?: string;
  readonly detail?: string;
  readonly backOffMs?: number;
  readonly message?: string;
}

/** Makes the error of a code, with its meaning as the message unless a better one is given. */
export function codedError(code: ErrorCode, extras: CodedErrorExtras = {}): CodedError {
  const { retry, meaning } = errorTable[code];
  return { code, retry, message: meaning, ...extras };
}

/** What a request came to: a value, or a failure that the caller is meant to look at. Expected failures are never thrown. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CodedError };

export const success = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const failure = (code: ErrorCode, extras?: CodedErrorExtras): Outcome<never> => ({
  ok: false,
  error: codedError(code, extras),
});
