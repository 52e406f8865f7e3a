// From Windows ids to IANA zones and back, and the display names that the server gives.

import { windowsZones } from './windows-zones.ts';
import { wallClockOf } from './zone-arithmetic.ts';

/** The IANA zone of a Windows id; undefined when there is no such id. */
export function ianaOf(windowsId: string): string | undefined {
  return windowsZones.get(windowsId)?.[0];
}

/** The Windows id of an IANA zone; undefined when none covers it. */
export function windowsOf(iana: string): string | undefined {
  return listedUnder(iana) ?? listedUnder(canonicalName(iana));
}

function listedUnder(iana: string | undefined): string | undefined {
  if (iana === undefined) return undefined;
  for (const [id, zones] of windowsZones) if (zones.includes(iana)) return id;
  return undefined;
}

/** `Asia/Kolkata` is listed under its older name `Asia/Calcutta`, which is the one that ICU answers with. */
function canonicalName(iana: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: iana }).resolvedOptions().timeZone;
  } catch {
    return undefined; // not a zone at all
  }
}

/** `(UTC+01:00) Berlin`: the offset is the standard one of the year 2026, as Windows shows it. */
export function displayNameOf(windowsId: string): string {
  let name = displayNames.get(windowsId);
  if (name === undefined) {
    name = makeDisplayName(windowsId);
    if (windowsZones.has(windowsId)) displayNames.set(windowsId, name);
  }
  return name;
}

// A table that is filled as it is asked for: a name is pure, but costs four formattings.
const displayNames = new Map<string, string>();
const nameYearMs = Date.UTC(2026, 0, 1);

function makeDisplayName(windowsId: string): string {
  const iana = ianaOf(windowsId) ?? 'UTC';
  if (iana === 'UTC' || iana === 'Etc/UTC' || iana === 'Etc/GMT') return '(UTC) Coordinated Universal Time';
  const city = (iana.split('/').at(-1) ?? iana).replaceAll('_', ' ');
  return `(UTC${offsetText(standardOffsetMs(iana, nameYearMs))}) ${city}`;
}

/** The smaller of the offsets in January and July of that year. */
export function standardOffsetMs(iana: string, nowMs: number): number {
  const year = new Date(nowMs).getUTCFullYear();
  const offsets = [Date.UTC(year, 0, 15), Date.UTC(year, 6, 15)].map((at) => wallClockOf(at, iana) - at);
  return Math.min(...offsets);
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const hour = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${hour}:${String(minutes % 60).padStart(2, '0')}`;
}

/** All Windows ids. */
export function windowsIds(): readonly string[] {
  return [...windowsZones.keys()];
}
