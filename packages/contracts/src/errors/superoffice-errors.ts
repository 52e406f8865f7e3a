// Failures of SuperOffice and on the way to it.
import { type ErrorRow, row } from './error-row.ts';

export const superofficeErrors = {
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
