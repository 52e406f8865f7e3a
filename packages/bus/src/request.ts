// Asks another service. Whatever happens is an outcome; only `service-missing` and `service-stopping` are repeated here,
// because only then nobody can have begun the work. After `deadline-passed` or `bus-unavailable` the work may be done.
import {
  CodedError,
  type Data,
  failure,
  maxMessageBytes,
  type Operation,
  type Outcome,
  subjectOf,
} from '@lockstep/contracts';
import { type TSchema, Type } from 'typebox';
import type { RequestOptions } from './bus.ts';
import { type Checker, toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { toHeaders } from './headers.ts';
import { delayAfterAttempt } from './repeat.ts';
import { monotonicMs, wait } from './wait.ts';

const ReplyEnvelope = Type.Union([
  Type.Object({ ok: Type.Literal(true), value: Type.Unknown() }),
  Type.Object({ ok: Type.Literal(false), error: CodedError }),
]);

export async function request<Q extends TSchema, R extends TSchema>(
  connection: Connection,
  checker: Checker,
  operation: Operation<Q, R>,
  body: Data<Q>,
  options: RequestOptions,
): Promise<Outcome<Data<R>>> {
  const deadline = monotonicMs() + options.deadlineMs;
  const subject = subjectOf(operation, ...(options.tokens ?? []));
  const data = toBytes(body);
  if (data.length > maxMessageBytes) return failure('message-too-large', { detail: operation.subject });

  let outcome: Outcome<Data<R>> = failure('deadline-passed', { detail: operation.subject });
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = deadline - monotonicMs();
    if (timeoutMs < 1) return outcome;
    const answer = await connection.ask(subject, data, {
      timeoutMs,
      headers: toHeaders(options, timeoutMs),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    switch (answer.kind) {
      case 'answered':
        outcome = readReply(checker, operation, answer.data);
        if (outcome.ok || outcome.error.code !== 'service-stopping') return outcome;
        break;
      case 'no-responders':
        outcome = failure('service-missing', { detail: operation.subject });
        break;
      case 'timeout':
        return failure('deadline-passed', { detail: operation.subject });
      case 'aborted':
        return failure('deadline-passed', { detail: operation.subject, message: 'The caller stopped waiting.' });
      default:
        return failure('bus-unavailable', { detail: `${answer.kind}: ${operation.subject}` });
    }
    await wait(delayAfterAttempt(attempt, deadline - monotonicMs()), options.signal);
  }
}

function readReply<Q extends TSchema, R extends TSchema>(
  checker: Checker,
  operation: Operation<Q, R>,
  data: Uint8Array,
): Outcome<Data<R>> {
  const envelope = checker.read(ReplyEnvelope, data);
  if (!envelope.ok) return failure('reply-invalid', { detail: operation.subject, field: envelope.field });
  // A newer service may send a code that this one does not know; its retry class still says what to do.
  if (!envelope.value.ok)
    return { ok: false, error: envelope.value.error as Extract<Outcome<never>, { ok: false }>['error'] };
  const value = checker.check(operation.reply, envelope.value.value);
  if (!value.ok) return failure('reply-invalid', { detail: operation.subject, field: value.field });
  return { ok: true, value: value.value };
}
