// What FindItem answers, for listing and for finding by stamp.
import { type Outcome, success } from '@lockstep/contracts';
import { messageFailure, onlySuccess } from '../calls/ews-client.ts';
import type { ResponseMessage } from '../soap/reply.ts';
import { childOf, type XmlElement } from '../soap/xml-reader.ts';

export interface FoundPage {
  readonly items: readonly XmlElement[];
  /** Offset of the next page; null on the last. */
  readonly nextOffset: number | null;
}

/** Reads the one page of a FindItem answer. */
export function readPage(messages: readonly ResponseMessage[], offset: number): Outcome<FoundPage> {
  const message = onlySuccess(messages);
  if (!message.ok) return message;
  const root = childOf(message.value.element, 'RootFolder');
  const last = root?.attributes['IncludesLastItemInRange'];
  if (root === undefined || last === undefined) return messageFailure(undefined);
  const items = childOf(root, 'Items')?.children ?? [];
  const asked = Number(root.attributes['IndexedPagingOffset']);
  const next = Number.isInteger(asked) && asked > offset ? asked : offset + items.length;
  return success({ items, nextOffset: last === 'true' || next === offset ? null : next });
}
