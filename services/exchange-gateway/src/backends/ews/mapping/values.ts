// What is read and written alike for every kind: instants, texts, what may be absent.
import type { Instant, ItemText } from '@lockstep/contracts';
import { BodyType, MessageBody } from 'ews-javascript-api';
import { gatewayConfig } from '../../../config.ts';
import type { XmlElement } from '../soap/xml-reader.ts';

/** An xs:dateTime as an instant of ours; one without an offset is UTC, as our requests set no other zone. */
export function instantOf(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const hasOffset = /(?:Z|[+-]\d{2}:\d{2})$/i.test(text);
  const milliseconds = Date.parse(hasOffset ? text : `${text}Z`);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** The text of a body. One that no message holds is cut and marked, always at the same place. */
export function itemTextOf(body: XmlElement | undefined): ItemText {
  const format = body?.attributes['BodyType'] === 'HTML' ? 'html' : 'plain';
  const whole = body?.text ?? '';
  const content = cutTo(whole, gatewayConfig.items.maxTextBytes);
  return content.length === whole.length ? { format, content } : { format, content, truncated: true };
}

export function bodyFor(text: ItemText): MessageBody {
  return new MessageBody(text.format === 'html' ? BodyType.HTML : BodyType.Text, text.content);
}

/** A text that was cut is never written over the whole one. */
export function isWritable(text: ItemText): boolean {
  return text.truncated !== true;
}

export const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The property, or nothing where it has no value. */
export function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** The longest beginning whose JSON fits, cut between characters. */
function cutTo(text: string, maxBytes: number): string {
  if (jsonBytes(text) <= maxBytes) return text;
  let fits = 0;
  let tooLong = text.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (jsonBytes(text.slice(0, middle)) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  const lastUnit = text.charCodeAt(fits - 1);
  const splitsPair = lastUnit >= 0xd800 && lastUnit < 0xdc00;
  return text.slice(0, splitsPair ? fits - 1 : fits);
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text), 'utf8');
