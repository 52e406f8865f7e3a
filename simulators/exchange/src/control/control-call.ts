// One call of the control API, as its routes get it.
import type { Simulator } from '../simulator.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { TlsFront } from '../tls/tls-front.ts';
import { ControlError } from './control-error.ts';
import type { JsonObject } from './json-input.ts';

export interface ControlCall {
  readonly simulator: Simulator;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
}

/** A result that is not JSON. */
export class PlainText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** @throws ControlError when there is no such mailbox */
export function mailboxOf({ simulator, parameters }: ControlCall): Mailbox {
  const mailbox = simulator.directory.mailbox(parameters['address'] ?? '');
  if (mailbox === undefined) throw new ControlError(404, 'There is no such mailbox.');
  return mailbox;
}

/** @throws ControlError without a TLS port */
export function tlsOf({ simulator }: ControlCall): TlsFront {
  if (simulator.tls === undefined) throw new ControlError(404, 'The simulator has no TLS port.');
  return simulator.tls;
}
