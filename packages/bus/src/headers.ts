// The context of a message in its NATS headers: who follows it and how long anybody may still work on it.
import { headerNames } from '@lockstep/contracts';
import { headers, type MsgHdrs } from 'nats';
import type { MessageContext } from './bus.ts';

/** The deadline travels as remaining milliseconds, so that the clocks of two machines need not agree. */
export function toHeaders(context: MessageContext, remainingMs?: number): MsgHdrs {
  const result = headers();
  result.set(headerNames.correlationId, context.correlationId);
  if (context.traceparent !== undefined) result.set(headerNames.traceparent, context.traceparent);
  if (remainingMs !== undefined) result.set(headerNames.deadlineMs, String(Math.max(0, Math.floor(remainingMs))));
  return result;
}

/** A message without a correlation id (sent by hand) is followed as `unknown`. */
export function contextOf(received: MsgHdrs | undefined): MessageContext {
  const traceparent = received?.get(headerNames.traceparent);
  return {
    correlationId: received?.get(headerNames.correlationId) || 'unknown',
    ...(traceparent ? { traceparent } : {}),
  };
}

/** The remaining milliseconds that the sender gave, undefined when it gave none or nonsense. */
export function remainingMsOf(received: MsgHdrs | undefined): number | undefined {
  const text = received?.get(headerNames.deadlineMs);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
