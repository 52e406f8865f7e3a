// Keeps replies below the bus's limit: a text that is too long for its share of the message is cut and marked, and the
// engine never writes a marked text back. Versions are computed before this, from the whole text.
import { type Appointment, maxMessageBytes } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';

const { messageReserveShare, itemReserveBytes, leastTextBytes } = watcherConfig.operations;

/** @param count how many appointments share the message */
export function fitToMessage(appointment: Appointment, count: number): Appointment {
  const share = Math.floor((maxMessageBytes * (1 - messageReserveShare)) / count);
  const budget = Math.max(leastTextBytes, share - itemReserveBytes);
  const { text } = appointment.content;
  const fitting = cutToBytes(text.content, budget);
  if (fitting === text.content) return appointment;
  return { ...appointment, content: { ...appointment.content, text: { ...text, content: fitting, truncated: true } } };
}

/** The longest beginning, roughly, whose JSON has at most so many bytes; never half a character. */
function cutToBytes(text: string, maxBytes: number): string {
  let fitting = text;
  for (;;) {
    const bytes = Buffer.byteLength(JSON.stringify(fitting));
    if (bytes <= maxBytes) return fitting;
    const chars = Math.min(fitting.length - 1, Math.floor((fitting.length * maxBytes) / bytes));
    fitting = fitting.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '');
  }
}
