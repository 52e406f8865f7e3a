// Messages to everybody who listens. A lost one does no harm: every receiver also looks for itself now and then.
import { type Broadcast, type Data, maxMessageBytes, subjectOf } from '@lockstep/contracts';
import type { TSchema } from 'typebox';
import type { BroadcastOptions, MessageContext, Stoppable } from './bus.ts';
import { type Checker, toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { contextOf, toHeaders } from './headers.ts';

/** Dropped without a word while disconnected: an old broadcast sent late would say what is no longer so. */
export function broadcast<T extends TSchema>(
  connection: Connection,
  topic: Broadcast<T>,
  message: Data<T>,
  { tokens = [], ...context }: MessageContext & BroadcastOptions,
): void {
  const data = toBytes(message);
  if (data.length > maxMessageBytes) throw new RangeError(`a broadcast on ${topic.subject} of ${data.length} bytes`);
  if (connection.connected())
    connection.nats.publish(subjectOf(topic, ...tokens), data, { headers: toHeaders(context) });
}

export async function listen<T extends TSchema>(
  connection: Connection,
  checker: Checker,
  topic: Broadcast<T>,
  handler: (message: Data<T>, context: MessageContext) => void,
  { tokens = [] }: BroadcastOptions = {},
): Promise<Stoppable> {
  const subscription = await connection.subscribe(subjectOf(topic, ...tokens), (received) => {
    const message = checker.read(topic.message, received.data);
    if (!message.ok) {
      const reason = `${message.field} ${message.reason}`;
      return connection.onEvent({ kind: 'unreadable', source: topic.subject, reason });
    }
    const context = contextOf(received.headers);
    try {
      handler(message.value, context);
    } catch (cause) {
      const { correlationId } = context;
      connection.onEvent({ kind: 'handler-failed', subject: topic.subject, correlationId, cause });
    }
  });
  return {
    async stop() {
      if (!connection.nats.isClosed()) await subscription.drain();
    },
  };
}
