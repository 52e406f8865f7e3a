// Failures that the settings and what they name come to.
import { type ErrorRow, row } from './error-row.ts';

export const settingsErrors = {
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
} as const satisfies Record<string, ErrorRow>;
