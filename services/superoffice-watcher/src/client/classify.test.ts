import { describe, expect, it } from 'vitest';
import { classifyAnswer, classifyBreak } from './classify.ts';

const now = Date.parse('2026-11-22T08:00:00Z');
const answer = (status: number, retryAfter?: string, repeatable = true) =>
  classifyAnswer({ status, retryAfter, errorType: 'SoException' }, repeatable, now);

describe('an answer', () => {
  it('is a result when a row is missing, changed or written', () => {
    for (const status of [200, 204, 404, 409, 412]) expect(answer(status)).toBeUndefined();
  });

  it.each([
    [400, 'superoffice-refused'],
    [401, 'superoffice-unauthorized'],
    [403, 'superoffice-access-denied'],
    [421, 'superoffice-unreachable'],
    [429, 'superoffice-busy'],
    [500, 'superoffice-failed'],
    [503, 'superoffice-busy'],
    [302, 'superoffice-reply-unreadable'],
  ])('%i is %s', (status, code) => {
    expect(answer(status)).toMatchObject({ code, detail: `HTTP ${status} SoException` });
  });

  it('asks for the pause that Retry-After names, in seconds or as a date', () => {
    expect(answer(503, '7')?.backOffMs).toBe(7_000);
    expect(answer(429, 'Sun, 22 Nov 2026 08:00:30 GMT')?.backOffMs).toBe(30_000);
    expect(answer(429)?.backOffMs).toBe(5_000);
    expect(answer(429, '999999')?.backOffMs).toBe(300_000);
  });

  it('leaves the outcome of a write open when a proxy lost the server', () => {
    expect(answer(502, undefined, false)?.code).toBe('superoffice-unknown-outcome');
    expect(answer(504, undefined, true)?.code).toBe('superoffice-unreachable');
  });
});

describe('a broken call', () => {
  it('is unreachable when nothing was sent, also for a write', () => {
    expect(classifyBreak({ code: 'ECONNREFUSED' }, false, false).code).toBe('superoffice-unreachable');
    expect(classifyBreak({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, false, false).code).toBe('superoffice-unreachable');
  });

  it('has an unknown outcome when a write may have arrived', () => {
    expect(classifyBreak({ code: 'UND_ERR_SOCKET' }, false, false).code).toBe('superoffice-unknown-outcome');
    expect(classifyBreak(new Error('aborted'), true, false).code).toBe('superoffice-unknown-outcome');
  });

  it('is a time-out or unreachable when it may be repeated', () => {
    expect(classifyBreak(new Error('aborted'), true, true).code).toBe('superoffice-timeout');
    expect(classifyBreak({ code: 'ECONNRESET' }, false, true).code).toBe('superoffice-unreachable');
  });
});
