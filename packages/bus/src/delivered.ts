// What the reply subject of a message from a consumer tells, and the three answers that JetStream knows.
// Source: nats-server, ADR-15: `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<time>.<pending>[.…]`
import type { Msg } from 'nats';

export interface DeliveredInfo {
  readonly deliveries: number;
  readonly streamSequence: number;
  /** Messages that the consumer could still deliver after this one. */
  readonly pending: number;
}

export function deliveredInfo(message: Msg): DeliveredInfo {
  const tokens = (message.reply ?? '').split('.');
  const offset = tokens.length === 9 ? 4 : 6;
  const [deliveries, streamSequence, , , pending] = tokens.slice(offset).map(Number);
  return { deliveries: deliveries ?? 1, streamSequence: streamSequence ?? 0, pending: pending ?? 0 };
}

const encoder = new TextEncoder();
const nanosPerMs = 1_000_000;

export const acknowledgement = {
  done: encoder.encode('+ACK'),
  working: encoder.encode('+WPI'),
  again: (delayMs: number) =>
    encoder.encode(`-NAK ${JSON.stringify({ delay: Math.max(0, Math.round(delayMs)) * nanosPerMs })}`),
} as const;

export const toNanos = (ms: number): number => ms * nanosPerMs;
