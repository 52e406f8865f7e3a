// Reads access settings from JSON. What is not given stays.
import type { AccessSettings } from '../logon/access-settings.ts';
import { asChoice, asStrings, type JsonObject, optionalBoolean } from './json-input.ts';

/** @throws ControlError */
export function readAccess(old: AccessSettings, body: JsonObject): AccessSettings {
  const list = (name: 'ewsDisabledFor' | 'allowedAppIds'): readonly string[] =>
    body[name] === undefined ? old[name] : asStrings(body[name], name).map((each) => each.toLowerCase());
  return {
    schemes:
      body['schemes'] === undefined
        ? old.schemes
        : asStrings(body['schemes'], 'schemes').map((each) => asChoice(each, 'schemes', ['Basic', 'NTLM', 'Bearer'])),
    strictAffinity: optionalBoolean(body['strictAffinity'], 'strictAffinity') ?? old.strictAffinity,
    ewsEnabled: optionalBoolean(body['ewsEnabled'], 'ewsEnabled') ?? old.ewsEnabled,
    ewsDisabledFor: list('ewsDisabledFor'),
    allowedAppIds: list('allowedAppIds'),
  };
}
