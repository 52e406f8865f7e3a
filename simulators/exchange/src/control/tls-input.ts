// Reads from JSON what the TLS port shows. What is not given stays.
import { certificateKinds, type TlsSettings, tlsVersions } from '../tls/tls-front.ts';
import { ControlError } from './control-error.ts';
import { asChoice, type JsonObject } from './json-input.ts';

/** @throws ControlError, also for a range of versions that is empty */
export function readTls(old: TlsSettings, body: JsonObject): TlsSettings {
  const choice = <K extends keyof TlsSettings>(name: K, choices: readonly TlsSettings[K][]): TlsSettings[K] =>
    body[name] === undefined ? old[name] : asChoice<TlsSettings[K]>(body[name], name, choices);
  const settings = {
    certificate: choice('certificate', certificateKinds),
    minVersion: choice('minVersion', tlsVersions),
    maxVersion: choice('maxVersion', tlsVersions),
  };
  if (tlsVersions.indexOf(settings.minVersion) > tlsVersions.indexOf(settings.maxVersion))
    throw new ControlError(400, 'minVersion has to be no newer than maxVersion.');
  return settings;
}
