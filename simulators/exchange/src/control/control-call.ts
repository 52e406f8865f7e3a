// One call of the control API, as its routes get it.
import type { Simulator } from '../simulator.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { ControlError } from './control-error.ts';
import type { JsonObject } from './json-input.ts';

export interface ControlCall {
  readonly simulator: Simulator;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
}

/** @throws ControlError when there is no such mailbox */
export function mailboxOf({ simulator, parameters }: ControlCall): Mailbox {
  const mailbox = simulator.directory.mailbox(parameters['address'] ?? '');
  if (mailbox === undefined) throw new ControlError(404, 'There is no such mailbox.');
  return mailbox;
}
