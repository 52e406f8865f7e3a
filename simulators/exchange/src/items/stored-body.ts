// How a body is stored: HTML goes through the server's filter, unless that is switched off.
import type { CallContext } from '../caller/call-context.ts';
import { filterHtml } from '../properties/html-filter.ts';
import { isBody } from '../properties/value-writer.ts';
import type { PropertyValue } from '../store/values.ts';

export function storedForm(value: PropertyValue, context: CallContext): PropertyValue {
  const filtered = context.behaviour.rewriteHtml && isBody(value) && value.format === 'HTML' && value.text !== '';
  return filtered ? { ...value, text: filterHtml(value.text) } : value;
}
