// The part of a history record that names a pair: link id, both ids and the versions that were decided on.
import type { Side } from '@lockstep/contracts';
import type { Link } from '../state/link.ts';
import type { HistoryDraft } from './history.ts';

export function aboutLink(link: Link): Pick<HistoryDraft, 'linkId' | 'kind' | 'exchange' | 'superoffice'> {
  const name = (side: Side) => ({ id: link[side].id, version: link[side].version });
  return { linkId: link.linkId, kind: link.kind, exchange: name('exchange'), superoffice: name('superoffice') };
}
