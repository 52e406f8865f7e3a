import { governor } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { TransportError } from '../../../http/transport-error.ts';
import {
  codeFailure,
  meansConflict,
  meansMissing,
  statusFailure,
  transportFailure,
  writeFailure,
} from './ews-errors.ts';

const nowMs = Date.parse('2026-03-02T08:00:00Z');

describe('response codes', () => {
  test('busy pauses the payer for as long as Exchange asks', () => {
    expect(codeFailure('ErrorServerBusy', 297_749)).toMatchObject({
      error: { code: 'exchange-busy', retry: 'busy', backOffMs: 297_749, detail: 'ErrorServerBusy' },
      outcome: 'busy',
      pause: { scope: 'payer', pauseMs: 297_749 },
    });
  });

  test('a hint of nothing still pauses a second, no hint a minute', () => {
    expect(codeFailure('ErrorServerBusy', 0).pause?.pauseMs).toBe(1_000);
    expect(codeFailure('ErrorServerBusy', undefined).pause?.pauseMs).toBe(60_000);
    expect(codeFailure('ErrorExceededConnectionCount', undefined).pause?.pauseMs).toBe(1_000);
  });

  test.each([
    ['ErrorTimeoutExpired', 'exchange-timeout', 'timeout'],
    ['ErrorMailboxStoreUnavailable', 'exchange-transient', 'refused'],
    ['ErrorImpersonateUserDenied', 'exchange-impersonation-denied', 'refused'],
    ['ErrorNonExistentMailbox', 'exchange-mailbox-missing', 'refused'],
    ['ErrorFolderNotFound', 'exchange-folder-missing', 'refused'],
    ['ErrorAccessDenied', 'exchange-access-denied', 'refused'],
    ['ErrorInvalidSyncStateData', 'exchange-sync-state-invalid', 'refused'],
    ['ErrorSubscriptionNotFound', 'exchange-subscription-lost', 'refused'],
    ['ErrorSchemaValidation', 'exchange-request-refused', 'refused'],
    ['ErrorCalendarEndDateIsEarlierThanStartDate', 'exchange-item-refused', 'refused'],
    ['ErrorThatIsNewInTheNextVersion', 'exchange-item-refused', 'refused'],
    ['InternalServiceFault', 'exchange-transient', 'refused'],
    ['Client', 'exchange-request-refused', 'refused'],
  ])('%s is %s', (code, coded, outcome) => {
    expect(codeFailure(code, undefined)).toMatchObject({ error: { code: coded, detail: code }, outcome });
    expect(codeFailure(code, undefined).pause).toBeUndefined();
  });

  test('a stale change key is a conflict, a vanished item is missing, and neither is the other', () => {
    for (const code of ['ErrorIrresolvableConflict', 'ErrorChangeKeyRequiredForWriteOperations', 'ErrorStaleObject']) {
      expect([meansConflict(code), meansMissing(code)]).toEqual([true, false]);
    }
    for (const code of ['ErrorItemNotFound', 'ErrorInvalidIdMalformed']) {
      expect([meansConflict(code), meansMissing(code)]).toEqual([false, true]);
    }
    expect([meansConflict('ErrorAccessDenied'), meansMissing('ErrorAccessDenied')]).toEqual([false, false]);
  });
});

test('whatever Exchange asks for, in whatever shape, the pause has one cap', () => {
  const { longestPauseMs } = governor.governorTimings;
  const failures = [
    codeFailure('ErrorServerBusy', 2_147_483_647),
    codeFailure('ErrorExceededConnectionCount', 2_147_483_647),
    statusFailure(503, { 'retry-after': '864000' }, nowMs, 1_000),
    statusFailure(429, { 'retry-after': 'Mon, 09 Mar 2026 08:00:00 GMT' }, nowMs, 1_000),
  ];
  for (const { error, pause } of failures) {
    expect([error.backOffMs, pause?.pauseMs]).toEqual([longestPauseMs, longestPauseMs]);
  }
});

describe('HTTP without SOAP', () => {
  test('503 pauses the endpoint by Retry-After, in seconds or as a date, else for the delay of one that is not available', () => {
    const pauseOf = (value?: string) => statusFailure(503, { 'retry-after': value }, nowMs, 4_000).pause;
    expect(pauseOf('120')).toEqual({ scope: 'endpoint', pauseMs: 120_000 });
    expect(pauseOf('Mon, 02 Mar 2026 08:00:30 GMT')).toEqual({ scope: 'endpoint', pauseMs: 30_000 });
    expect(pauseOf('Mon, 02 Mar 2026 07:00:00 GMT')?.pauseMs).toBe(1_000);
    expect(pauseOf('soon')?.pauseMs).toBe(4_000);
    expect(pauseOf()?.pauseMs).toBe(4_000);
  });

  test.each([
    [401, {}, 'exchange-unauthorized'],
    [456, {}, 'exchange-unauthorized'],
    [403, {}, 'exchange-blocked'],
    [404, {}, 'exchange-configuration'],
    [302, { location: 'https://mail/owa/auth/logon.aspx' }, 'exchange-configuration'],
    [302, { location: '/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx' }, 'exchange-transient'],
    [500, {}, 'exchange-transient'],
    [502, {}, 'exchange-transient'],
    [200, {}, 'exchange-reply-unreadable'],
  ])('%i %o is %s', (status, headers, code) => {
    expect(statusFailure(status, headers, nowMs, 1_000)).toMatchObject({ error: { code, detail: `HTTP ${status}` } });
  });
});

describe('below HTTP', () => {
  test('a refused connection pauses the endpoint, a broken one does not', () => {
    const refused = transportFailure(new TransportError('network', false, 'ECONNREFUSED'), 2_000);
    expect(refused).toMatchObject({
      error: { code: 'exchange-unreachable', detail: 'ECONNREFUSED' },
      outcome: 'connection',
      pause: { scope: 'endpoint', pauseMs: 2_000 },
      mayHaveHappened: false,
    });
    expect(transportFailure(new TransportError('network', true, 'ECONNRESET'), 2_000).pause).toBeUndefined();
  });

  test.each([
    ['certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'exchange-certificate', /^unknown authority/],
    ['certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'exchange-certificate', /^unknown authority/],
    ['certificate', 'CERT_HAS_EXPIRED', 'exchange-certificate', /^expired/],
    ['certificate', 'CERT_NOT_YET_VALID', 'exchange-certificate', /^not valid yet/],
    ['certificate', 'ERR_TLS_CERT_ALTNAME_INVALID', 'exchange-certificate', /^wrong host/],
    ['certificate', 'CERT_REVOKED', 'exchange-certificate', /^revoked/],
    ['certificate', 'CERT_UNTRUSTED', 'exchange-certificate', /^CERT_UNTRUSTED$/],
    ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'exchange-tls', /^ERR_SSL_WRONG_VERSION_NUMBER$/],
    ['proxy', 'HTTP 407', 'exchange-proxy-refused', /^HTTP 407$/],
    ['proxy', 'HTTP 403', 'exchange-proxy-refused', /^HTTP 403$/],
    ['proxy', 'HTTP 502', 'exchange-unreachable', /^proxy HTTP 502$/],
    ['network', 'NTLM_CONNECTION_CLOSED', 'exchange-unreachable', /^NTLM_CONNECTION_CLOSED$/],
  ] as const)(
    '%s %s is %s, leaves the endpoint alone for a while, and did nothing',
    (failed, systemCode, code, detail) => {
      const failure = transportFailure(new TransportError(failed, false, systemCode), 4_000);
      expect(failure).toMatchObject({
        error: { code, retry: 'later', detail: expect.stringMatching(detail) },
        outcome: 'connection',
        pause: { scope: 'endpoint', pauseMs: 4_000 },
      });
      expect(writeFailure(failure).error.code).toBe(code);
    },
  );

  test('what broke before the first byte certainly did not happen', () => {
    const failure = transportFailure(new TransportError('timeout', false), 1_000);
    expect(writeFailure(failure).error.code).toBe('exchange-unreachable');
  });
});

describe('a failed write', () => {
  test.each([
    ['a connection that broke', transportFailure(new TransportError('network', true, 'ECONNRESET'), 1_000)],
    ['a time limit', transportFailure(new TransportError('timeout', true), 1_000)],
    ['a damaged answer', transportFailure(new TransportError('unreadable', true), 1_000)],
    ['a gateway between', statusFailure(504, {}, nowMs, 1_000)],
    ['an error page', statusFailure(500, {}, nowMs, 1_000)],
    ['a page instead of SOAP', statusFailure(200, {}, nowMs, 1_000)],
    ['a passing fault', codeFailure('ErrorInternalServerError', undefined)],
    ['a fault that is not of EWS', codeFailure('Server', undefined)],
    ['503, which a proxy may say', statusFailure(503, {}, nowMs, 1_000)],
  ])('is of unknown outcome after %s', (_, failure) => {
    expect(writeFailure(failure).error.code).toBe('exchange-unknown-outcome');
  });

  test.each([
    ['busy', codeFailure('ErrorServerBusy', undefined), 'exchange-busy'],
    ['429', statusFailure(429, {}, nowMs, 1_000), 'exchange-busy'],
    ['401', statusFailure(401, {}, nowMs, 1_000), 'exchange-unauthorized'],
    ['a refused item', codeFailure('ErrorItemSave', undefined), 'exchange-item-refused'],
    ['a quota', codeFailure('ErrorQuotaExceeded', undefined), 'exchange-item-refused'],
  ])('certainly did not happen after %s', (_, failure, code) => {
    expect(writeFailure(failure).error.code).toBe(code);
  });
});
