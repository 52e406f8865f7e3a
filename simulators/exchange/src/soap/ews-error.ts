// A failure in Exchange's own terms. Thrown for one item it becomes an error message among the others;
// a fault ends the whole request with HTTP 500.
import { messageTextOf } from './message-texts.ts';

/** The failure of one part of a request. */
export class EwsError extends Error {
  readonly code: string;
  /** What goes into MessageXml, already XML. */
  readonly messageXml: string;

  constructor(code: string, text: string = messageTextOf(code), messageXml = '') {
    super(text);
    this.name = 'EwsError';
    this.code = code;
    this.messageXml = messageXml;
  }
}

/** The failure of the whole request. */
export class EwsFault extends EwsError {
  constructor(code: string, text?: string, messageXml = '') {
    super(code, text ?? messageTextOf(code), messageXml);
    this.name = 'EwsFault';
  }
}
