// Windows time zones and the IANA zones that each stands for, from the Unicode CLDR; the first, the one that CLDR names for
// the whole world, is the one to use for the way back.
import cldr from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };

const world = '001';

export const windowsZones: ReadonlyMap<string, readonly string[]> = zonesByWindowsId();

function zonesByWindowsId(): ReadonlyMap<string, readonly string[]> {
  const zones = new Map<string, Set<string>>();
  const entries = cldr.supplemental.windowsZones.mapTimezones.map(({ mapZone }) => mapZone);
  const worldFirst = [
    ...entries.filter(({ _territory }) => _territory === world),
    ...entries.filter(({ _territory }) => _territory !== world),
  ];
  for (const { _other, _type } of worldFirst) {
    const names = zones.get(_other) ?? new Set<string>();
    for (const name of _type.split(' ')) names.add(name);
    zones.set(_other, names);
  }
  zones.set('UTC', new Set(['UTC', ...(zones.get('UTC') ?? [])]));
  return new Map([...zones].map(([id, names]) => [id, [...names]]));
}
