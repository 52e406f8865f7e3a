// The few calls of the JetStream API that the bus makes, as plain requests: their subjects are exactly those that
// nats-config.ts permits, and no call asks the server what the client thinks it should know first.
import { codedError } from '@lockstep/contracts';
import type { MsgHdrs } from 'nats';
import { BusError } from './bus.ts';
import { toBytes } from './check.ts';
import type { Answer, Connection } from './connection.ts';
import { delayAfterAttempt } from './repeat.ts';
import { monotonicMs, wait } from './wait.ts';

/** A refusal by the server. Codes: server/errors.json of nats-server. */
export interface Fault {
  readonly code: number;
  readonly errCode: number;
  readonly description: string;
}

export type Result<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'fault'; readonly fault: Fault };

export const faultCodes = {
  consumerNotFound: 10014,
  noMessageFound: 10037,
  /** 10023 of the cluster or account, 10047 of this server. */
  insufficientResources: 10023,
  storageExceeded: 10047,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  maximumMessagesExceeded: 10077,
} as const;

export interface PublishAck {
  readonly stream: string;
  readonly seq: number;
}

/** How long one call may take, repeats included. */
export const apiTimeoutMs = 5_000;

/** The error for a call that was not answered. */
export function unanswered(answer: Exclude<Answer, { kind: 'answered' }>, what: string): BusError {
  return new BusError(codedError('bus-unavailable', { detail: `${answer.kind}: ${what}` }));
}

/** The error for a refusal that the caller did not expect. */
export function refused(fault: Fault, what: string): BusError {
  return new BusError(codedError('bus-unavailable', { detail: `${fault.errCode} ${fault.description}: ${what}` }));
}

/**
 * Calls `$JS.API.<api>`. Repeats while nobody answers at all (JetStream is still starting, so nothing was done).
 * Throws `BusError` when there is no answer in time; then it may have been carried out or not.
 */
export function callApi<T>(connection: Connection, api: string, body: unknown): Promise<Result<T>> {
  return exchange<T>(connection, `$JS.API.${api}`, body === undefined ? new Uint8Array() : toBytes(body));
}

/** Appends one message to the stream that listens to the subject. Throws `BusError` like `callApi`. */
export function append(
  connection: Connection,
  subject: string,
  data: Uint8Array,
  headers: MsgHdrs,
): Promise<Result<PublishAck>> {
  return exchange<PublishAck>(connection, subject, data, headers);
}

async function exchange<T>(
  connection: Connection,
  subject: string,
  data: Uint8Array,
  headers?: MsgHdrs,
): Promise<Result<T>> {
  const deadline = monotonicMs() + apiTimeoutMs;
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = Math.max(1, deadline - monotonicMs());
    const answer = await connection.ask(subject, data, { timeoutMs, ...(headers ? { headers } : {}) });
    if (answer.kind === 'answered') return parse<T>(answer.data, subject);
    const remainingMs = deadline - monotonicMs();
    const waitMs = delayAfterAttempt(attempt, remainingMs);
    if (answer.kind !== 'no-responders' || waitMs >= remainingMs) throw unanswered(answer, subject);
    await wait(waitMs);
  }
}

/** Reads an answer of the JetStream API: the value itself, or an object `error`. */
export function parse<T>(data: Uint8Array, what: string): Result<T> {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(data));
  } catch (cause) {
    throw new BusError(codedError('reply-invalid', { detail: what }), cause);
  }
  const { error } = answer as { error?: { code?: number; err_code?: number; description?: string } };
  if (error === undefined) return { kind: 'ok', value: answer as T };
  const { code = 0, err_code: errCode = 0, description = '' } = error;
  return { kind: 'fault', fault: { code, errCode, description } };
}
