// Reads what Autodiscover shall say from JSON.
import { type AutodiscoverSettings, type Direction, defaultAutodiscover } from '../autodiscover/directions.ts';
import { asChoice, asObject, asText, type JsonObject, optionalText } from './json-input.ts';

/** Replaces all settings. @throws ControlError */
export function readAutodiscover(body: JsonObject): AutodiscoverSettings {
  const directions = Object.entries(asObject(body['directions'] ?? {}, 'directions'));
  return {
    directions: Object.fromEntries(
      directions.map(([address, value]) => [address.toLowerCase(), readDirection(asObject(value, address))]),
    ),
    publicUrl: optionalText(body['publicUrl'], 'publicUrl')?.replace(/\/$/, ''),
    groupingInformation:
      optionalText(body['groupingInformation'], 'groupingInformation') ?? defaultAutodiscover.groupingInformation,
  };
}

function readDirection(value: JsonObject): Direction {
  const kind = asChoice(value['kind'], 'kind', ['redirectAddr', 'redirectUrl', 'http302', 'busy', 'unauthorized']);
  if (kind === 'busy' || kind === 'unauthorized') return { kind };
  return { kind, target: asText(value['target'], 'target') };
}
