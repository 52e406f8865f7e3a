// Failures of Exchange and on the way to it.
import { type ErrorRow, row } from './error-row.ts';

export const exchangeErrors = {
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
} as const satisfies Record<string, ErrorRow>;
