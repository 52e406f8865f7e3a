// Reads the habits of the server from JSON. What is not given stays.
import type { Behaviour } from '../caller/behaviour.ts';
import { ControlError } from './control-error.ts';
import { type JsonObject, optionalBoolean } from './json-input.ts';

/** @throws ControlError for a habit that the server does not have */
export function readBehaviour(old: Behaviour, body: JsonObject): Behaviour {
  const given = Object.entries(body).map(([name, value]) => {
    if (!Object.hasOwn(old, name)) throw new ControlError(400, `There is no behaviour '${name}'.`);
    return [name, optionalBoolean(value, name)];
  });
  return { ...old, ...Object.fromEntries(given) };
}
