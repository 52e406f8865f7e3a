// Puts a message into a stream and repeats until the stream has it. Never with a message id: within two minutes after an
// acknowledgement the server would drop a new message of the same id, and the change would be lost.
import { type Data, failure, maxMessageBytes, type Outcome, type StreamMessage, success } from '@lockstep/contracts';
import type { TSchema } from 'typebox';
import type { MessageContext } from './bus.ts';
import { toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { toHeaders } from './headers.ts';
import { faultCodes, type PublishAck, parse } from './jetstream.ts';
import { delayAfterAttempt } from './repeat.ts';
import { monotonicMs, wait } from './wait.ts';

/** How long one attempt waits for its acknowledgement. A message sent twice replaces itself: one is kept per subject. */
const attemptMs = 2_000;

export async function publish<T extends TSchema>(
  connection: Connection,
  declared: StreamMessage<T>,
  subject: string,
  message: Data<T>,
  options: MessageContext & { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<Outcome<void>> {
  const deadline = monotonicMs() + options.deadlineMs;
  const data = toBytes(message);
  if (data.length > maxMessageBytes) return failure('message-too-large', { detail: declared.stream });
  const headers = toHeaders(options);
  headers.set('Nats-Expected-Stream', declared.stream);

  let detail = 'no-time';
  for (let attempt = 1; ; attempt++) {
    const remaining = deadline - monotonicMs();
    if (remaining < 1) return failure('bus-unavailable', { detail: `${detail}: ${declared.stream}` });
    const answer = await connection.ask(subject, data, {
      timeoutMs: Math.min(attemptMs, remaining),
      headers,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (answer.kind === 'aborted') return failure('deadline-passed', { message: 'The caller stopped waiting.' });
    detail = answer.kind;
    if (answer.kind === 'answered') {
      const ack = parse<PublishAck>(answer.data, subject);
      if (ack.kind === 'ok') return success(undefined);
      const full =
        ack.fault.errCode === faultCodes.maximumMessagesExceeded || /maximum bytes/.test(ack.fault.description);
      detail = full ? 'stream-full' : `${ack.fault.errCode} ${ack.fault.description}`;
    }
    // Waiting does not grant a permission.
    if (answer.kind === 'not-permitted') return failure('bus-unavailable', { detail: `${detail}: ${subject}` });
    await wait(delayAfterAttempt(attempt, deadline - monotonicMs()), options.signal);
  }
}
