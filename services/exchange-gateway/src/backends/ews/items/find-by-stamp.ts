// Every item in the folder with the stamp of one link, found by the named property itself.
import { type ItemKind, type ItemRow, kinds, type Outcome, type Stamp, success } from '@lockstep/contracts';
import {
  ComparisonMode,
  ContainmentMode,
  type ExchangeService,
  type FolderId,
  ItemTraversal,
  ItemView,
  SearchFilter,
} from 'ews-javascript-api';
import type { Ask } from '../../../backend.ts';
import { gatewayConfig } from '../../../config.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { itemRow, rowOf } from '../mapping/item-of.ts';
import { stampPrefix, stampProperty, stampText } from '../mapping/stamp.ts';
import { folderIdOf } from '../soap/folder-ids.ts';
import type { Target } from '../soap/request-builder.ts';
import { readPage } from './find-page.ts';

/** In the folder of the kind. `anyMailbox`: whatever mailbox key the stamp names. */
export function findByStamp(
  parts: Parts,
  ask: Ask,
  kind: ItemKind,
  stamp: Stamp,
  anyMailbox: boolean,
): Promise<Outcome<readonly ItemRow[]>> {
  const filter = anyMailbox
    ? new SearchFilter.ContainsSubstring(
        stampProperty(),
        stampPrefix(stamp.linkId),
        ContainmentMode.Prefixed,
        ComparisonMode.Exact,
      )
    : new SearchFilter.IsEqualTo(stampProperty(), stampText(stamp));
  return findIn(parts, ask, kind, (target) => folderIdOf(target, kinds[kind].folder), filter);
}

/** The rows of one folder that pass the filter, at most ten. */
export function findIn(
  { client, access }: Parts,
  ask: Ask,
  kind: ItemKind,
  folderOf: (target: Target) => FolderId,
  filter: SearchFilter,
): Promise<Outcome<readonly ItemRow[]>> {
  const call = callOf(ask, access(), { operation: 'FindItem', purpose: 'read' });
  const view = new ItemView(gatewayConfig.items.maxFoundByStamp);
  view.PropertySet = itemRow(kind);
  view.Traversal = ItemTraversal.Shallow;
  const build = (service: ExchangeService) => service.FindItems(folderOf(call.target), filter, view);
  return client.call(call, build, (messages) => {
    const page = readPage(messages, 0);
    return page.ok ? success(page.value.items.flatMap((item) => rowOf(kind, item) ?? [])) : page;
  });
}
