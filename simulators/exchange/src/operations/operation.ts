// What an operation is: a name, the schema of its request, and how it turns a request into response messages.
// `begin` only reads the request and returns one step a message; each step has its effect when it is run, so that a
// scripted fault can come before any effect, and the budget can be looked at between two items.

import type { CallContext } from '../caller/call-context.ts';
import type { ElementType } from '../schema/schema.ts';
import type { EwsError } from '../soap/ews-error.ts';
import type { XmlElement } from '../xml/element.ts';

/** A success that carries a code and a text all the same. */
export interface Warning {
  readonly code: string;
  readonly text: string;
  readonly content: string;
}

/** Returns the XML after the response code. @throws EwsError for an error message in its place */
export type Step = () => string | Warning;

export interface Operation {
  readonly name: string;
  readonly type: ElementType;
  /** What an error message must contain besides, by the schema. */
  readonly errorContent: string;
  begin(request: XmlElement, context: CallContext): readonly Step[];
}

/** An answer with a status of its own. */
export interface WholeResult {
  readonly status: number;
  readonly body: string;
  readonly code: string;
}

/** An operation whose answer is something else than a list of response messages. */
export interface WholeAnswer {
  readonly type: ElementType;
  /** The envelope; alone it goes with HTTP 200. @throws EwsFault */
  answer(request: XmlElement, context: CallContext): string | WholeResult;
  /** The envelope that tells this error of everything that was asked for. */
  failed(request: XmlElement, error: EwsError): string;
}
