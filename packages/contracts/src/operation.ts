// How a request, a broadcast and a stream message are declared, so that the bus can check them at both ends.
// The deadline, the correlation id and traceparent travel in message headers, not in the bodies declared here.
import type { TSchema } from 'typebox';
import type { Data } from './shape.ts';

export const subjectPrefix = 'lockstep.v1';
export const maxMessageBytes = 512 * 1024;

export const headerNames = {
  deadlineMs: 'Lockstep-Deadline-Ms',
  correlationId: 'Lockstep-Correlation-Id',
  traceparent: 'traceparent',
} as const;

/** One request with its reply. `subject` may hold `*` for tokens that the caller fills in (see `subjectOf`). */
export interface Operation<Q extends TSchema, R extends TSchema> {
  readonly kind: 'operation';
  readonly subject: string;
  readonly request: Q;
  readonly reply: R;
}

/** A message to everybody who listens; nobody answers, and a lost one does no harm. */
export interface Broadcast<T extends TSchema> {
  readonly kind: 'broadcast';
  readonly subject: string;
  readonly message: T;
}

/** A message that a stream keeps until it is acknowledged. */
export interface StreamMessage<T extends TSchema> {
  readonly kind: 'stream-message';
  readonly stream: string;
  readonly message: T;
}

export type RequestOf<O> = O extends Operation<infer Q, TSchema> ? Data<Q> : never;
export type ReplyOf<O> = O extends Operation<TSchema, infer R> ? Data<R> : never;
export type MessageOf<B> = B extends Broadcast<infer T> ? Data<T> : B extends StreamMessage<infer S> ? Data<S> : never;

export function operation<Q extends TSchema, R extends TSchema>(name: string, request: Q, reply: R): Operation<Q, R> {
  return { kind: 'operation', subject: `${subjectPrefix}.${name}`, request, reply };
}

export function broadcast<T extends TSchema>(name: string, message: T): Broadcast<T> {
  return { kind: 'broadcast', subject: `${subjectPrefix}.${name}`, message };
}

export function streamMessage<T extends TSchema>(stream: string, message: T): StreamMessage<T> {
  return { kind: 'stream-message', stream, message };
}

/** Fills the `*` tokens of a declared subject, in order. A token is one or more of `[A-Za-z0-9_-]`. */
export function subjectOf(declared: { readonly subject: string }, ...tokens: readonly string[]): string {
  let used = 0;
  const subject = declared.subject.replace(/\*/g, () => {
    const token = tokens[used++];
    if (token === undefined || !/^[A-Za-z0-9_-]+$/.test(token))
      throw new RangeError(`token ${used} of ${declared.subject}`);
    return token;
  });
  if (used !== tokens.length) throw new RangeError(`${declared.subject} takes ${used} tokens`);
  return subject;
}
