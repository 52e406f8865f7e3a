// Keeps replies below the bus's limit: a text that is too long for its share of the message is cut and marked, and the
// engine never writes a marked text back. Versions are computed before this, from the whole text.
import { type Appointment, maxMessageBytes } from '@lockstep/contracts';

/** What a reply needs beside the texts, generously. */
const otherBytesEach = 4_096;

/** @param count how many appointments share the message */
export function fitToMessage(appointment: Appointment, count: number): Appointment {
  const budget = Math.max(1_024, Math.floor((maxMessageBytes * 0.9) / count) - otherBytesEach);
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
