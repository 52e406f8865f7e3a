// The repair of the EWS library touches its private parts: this refuses to run with another version of it or without the repair.
import { createRequire } from 'node:module';
import type { Outcome } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import {
  Exception,
  type ExchangeService,
  FolderId,
  ItemView,
  SearchFilter,
  WellKnownFolderName,
} from 'ews-javascript-api';
import { stampProperty } from './mapping/stamp.ts';
import { sendBuilt } from './soap/request-builder.ts';
import { readXml, type XmlElement } from './soap/xml-reader.ts';

const libraryVersion = '0.15.3';
const awkward = `R&D <"x"> 'y' 🙂 Ærø`;

/** Throws when the process is not in UTC, the library is another version, or what is written does not come back as it was. */
export async function checkLibrary(): Promise<void> {
  for (const month of [0, 6]) {
    if (new Date(2026, month, 1).getTimezoneOffset() !== 0) throw new Error('the gateway has to run with TZ=UTC');
  }
  const { version } = createRequire(import.meta.url)('ews-javascript-api/package.json') as { version: unknown };
  if (version !== libraryVersion)
    throw new Error(`ews-javascript-api has to be ${libraryVersion}, repaired by patches/`);
  if (!(new Exception('') instanceof Error)) throw new Error('ews-javascript-api lacks the repair in patches/');
  const written = await searchFor(awkward);
  if (!written.ok || !holdsConstant(readXml(written.value), awkward)) {
    throw new Error('ews-javascript-api lacks the repair in patches/: it does not escape');
  }
}

function searchFor(text: string): Promise<Outcome<string>> {
  const build = (service: ExchangeService) =>
    service.FindItems(
      new FolderId(WellKnownFolderName.Calendar),
      new SearchFilter.IsEqualTo(stampProperty(), text),
      new ItemView(1),
    );
  return sendBuilt({ kind: 'account' }, build, async (body) => success(body));
}

function holdsConstant(element: XmlElement, text: string): boolean {
  if (element.name === 'Constant') return element.attributes['Value'] === text;
  return element.children.some((child) => holdsConstant(child, text));
}
