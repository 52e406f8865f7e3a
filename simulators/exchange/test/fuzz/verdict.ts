// What an answer to a fuzzed request may be. Everything else is a complaint, and so a defect of the simulator.
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/reader.ts';
import type { Outcome } from './http-exchange.ts';

/** Which rules an answer is judged by. */
export type Area = 'ews' | 'autodiscover' | 'control' | 'other';

/** Refusals of the front end, whose bodies nobody reads. */
const refusals = new Set([400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431]);

/** Undefined when all is well. @param mayBeCut half a request was sent, so a closed connection is an answer too */
export function complaintAbout(outcome: Outcome, area: Area, mayBeCut = false): string | undefined {
  if (outcome.kind === 'nothing') return 'There was no answer.';
  if (outcome.kind === 'cut') return mayBeCut ? undefined : 'The connection was cut.';
  if (area === 'control') return complaintAboutJson(outcome.status, outcome.text);
  if (refusals.has(outcome.status)) return undefined;
  if (area === 'ews' && (outcome.status === 200 || outcome.status === 500)) return complaintAboutSoap(outcome.text);
  if (outcome.status !== 200) return `The status ${outcome.status} is not one for this.`;
  return area === 'autodiscover' ? complaintAboutXml(outcome.text) : undefined;
}

function complaintAboutJson(status: number, text: string): string | undefined {
  if (status === 204) return text === '' ? undefined : 'There is text where none may be.';
  if (status !== 200 && (status < 400 || status >= 500)) return `The status ${status} is not one for this: ${text}`;
  try {
    const value: unknown = JSON.parse(text);
    const isError = typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string';
    return status === 200 || isError ? undefined : `This is no error: ${text.slice(0, 200)}`;
  } catch {
    return `This is no JSON: ${text.slice(0, 200)}`;
  }
}

function complaintAboutXml(text: string): string | undefined {
  try {
    readXml(text, { maxDepth: 64 });
    return undefined;
  } catch (error) {
    return `This is no XML (${String(error)}): ${text.slice(0, 500)}`;
  }
}

/** A stream is a row of envelopes. */
export function envelopesOf(text: string): readonly string[] {
  return text.split(/(?=<\?xml )/);
}

/** An internal error says that something was thrown that nobody had thought of. */
function complaintAboutSoap(text: string): string | undefined {
  for (const envelope of envelopesOf(text)) {
    const broken = complaintAboutXml(envelope);
    if (broken !== undefined) return broken;
    const codes = codesIn(readXml(envelope, { maxDepth: 64 }));
    if (codes.length === 0) return `There is no response code: ${envelope.slice(0, 500)}`;
    if (codes.includes('ErrorInternalServerError')) return `An internal error: ${envelope.slice(0, 500)}`;
  }
  return undefined;
}

function codesIn(element: XmlElement): readonly string[] {
  const own = element.name === 'ResponseCode' ? [element.text] : [];
  return [...own, ...element.children.flatMap(codesIn)];
}
