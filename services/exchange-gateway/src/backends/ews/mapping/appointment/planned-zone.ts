// The zone that an item was planned in, as far as Exchange tells: by its Windows id, by another name, or, where the client made one
// of its own ("Customized Time Zone"), by its periods alone.
import type { ZoneName } from '@lockstep/contracts';
import { ianaZoneOf, windowsZoneOf, zoneExists } from '@lockstep/items';
import { childOf, textOf, type XmlElement } from '../../soap/xml-reader.ts';

/** What Outlook on the web and Graph leave where no Windows id was given. `tzone://Microsoft/Custom` says nothing. */
const otherNames: ReadonlyMap<string, ZoneName> = new Map([['tzone://microsoft/utc', 'UTC']]);

/** Undefined for a zone without a name that we know. */
export function zoneOf(item: XmlElement, ownerZone: ZoneName): ZoneName | undefined {
  const id = childOf(item, 'StartTimeZone')?.attributes['Id'] ?? textOf(item, 'StartTimeZoneId');
  if (id === undefined) return undefined;
  // One Windows zone stands for many IANA ones ("W. Europe Standard Time" for Berlin and Oslo): the owner's own comes first.
  if (windowsZoneOf(ownerZone) === id) return ownerZone;
  return ianaZoneOf(id) ?? otherNames.get(id.toLowerCase()) ?? ianaName(id);
}

/** How far the clocks of the item's zone are ahead of UTC in each of its periods, in milliseconds; none where Exchange names no period. */
export function offsetsOf(item: XmlElement): readonly number[] {
  const periods = childOf(childOf(item, 'StartTimeZone'), 'Periods')?.children ?? [];
  return periods.flatMap((period) => aheadMs(period.attributes['Bias'] ?? '') ?? []);
}

/** Clients of other makers write IANA names. Without a slash a name may be an abbreviation, which means different zones. */
function ianaName(id: string): ZoneName | undefined {
  return id.includes('/') && zoneExists(id) ? id : undefined;
}

/** The bias (xs:duration) is what has to be added to local time to make it UTC. */
function aheadMs(bias: string): number | undefined {
  const parts = /^(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$/.exec(bias);
  if (parts === null) return undefined;
  const [, sign, hours = 0, minutes = 0, seconds = 0] = parts;
  const biasMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? biasMs : 0 - biasMs;
}
