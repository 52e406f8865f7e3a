// Deletes that the brake held and an administrator lets go. Each is proved anew first: what is there again is not deleted.

import type { Work } from '../carry-out/work.ts';
import { syncPair } from './pair.ts';

export interface Released {
  readonly released: number;
  readonly held: number;
}

/** Goes through the held deletes until all are tried or the call's signal aborts. */
export async function releaseHeld(work: Work): Promise<Released> {
  const held = [...work.state.links()].filter((link) => link.held !== undefined);
  let released = 0;
  for (const { linkId } of held) {
    if (work.call.signal.aborted) break;
    const result = await syncPair(work, linkId);
    if (result.kind === 'done' && work.state.link(linkId)?.held === undefined) released++;
  }
  return { released, held: held.length - released };
}
