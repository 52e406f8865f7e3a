// Where a mailbox's items are looked for: which mailbox on which Exchange, which associate on which SuperOffice. When an
// administrator changes one of these, every item may be "not found" in a place that can be read perfectly well: no delete is
// believed there until one of our linked items has been seen in it.
import { createHash } from 'node:crypto';
import type { Side, SuperOfficeSettings, TechnicalSettings, UserLink } from '@lockstep/contracts';

/** A short hash for each side; absent where nothing was seen yet. No address is stored. */
export type Places = { readonly [S in Side]?: string };

export interface PlaceSettings {
  readonly technical: Pick<TechnicalSettings, 'ewsUrl'>;
  readonly superoffice: Pick<SuperOfficeSettings, 'baseUrl'>;
  readonly user: Pick<UserLink, 'address' | 'associateId'>;
}

/** The places that the settings name now. */
export function placesOf({ technical, superoffice, user }: PlaceSettings): Required<Places> {
  return {
    exchange: shortHash([technical.ewsUrl, user.address.toLowerCase()]),
    superoffice: shortHash([superoffice.baseUrl, user.associateId]),
  };
}

/** What to record after linked items were seen on these sides; undefined when that is known already. */
export function confirmed(known: Places | undefined, now: Places, seenOn: readonly Side[]): Places | undefined {
  const news = seenOn.filter((side) => known?.[side] !== now[side]);
  if (news.length === 0) return undefined;
  return { ...known, ...Object.fromEntries(news.map((side) => [side, now[side]])) };
}

function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 8).toString('base64url');
}
