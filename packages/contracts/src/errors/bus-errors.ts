// Failures of the bus, of what is stored there and of the governor.
import { type ErrorRow, row } from './error-row.ts';

export const busErrors = {
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
} as const satisfies Record<string, ErrorRow>;
