// The offline address book: generations of a file with all mailboxes. As with a real server a new mailbox appears in the next
// generation only; the first is made when somebody asks, later ones when the control API says so.
import { createHash, randomUUID } from 'node:crypto';
import type { Directory } from '../store/directory.ts';
import { legacyDn } from '../store/legacy-dn.ts';
import { element } from '../xml/writer.ts';
import { writeDetails } from './details-writer.ts';
import { writeStored } from './stored-container.ts';

interface Generation {
  readonly sequence: number;
  readonly fileName: string;
  readonly file: Buffer;
  readonly plainBytes: number;
}

const detailsVersion = 32;

export class AddressBook {
  /** Part of the OAB URL. */
  readonly guid = randomUUID();
  readonly #listGuid = randomUUID();
  readonly #directory: Directory;
  #generation: Generation | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Makes the next generation and returns its number. */
  generate(): number {
    const sequence = (this.#generation?.sequence ?? 0) + 1;
    const entries = this.#directory.mailboxes().map((mailbox) => {
      const { address, displayName } = mailbox.identity;
      return { legacyDn: legacyDn(mailbox), address, displayName, alias: address.split('@')[0] ?? address };
    });
    const head = { name: '\\Global Address List', dn: '/', sequence, guid: this.#listGuid };
    const details = writeDetails(head, entries);
    const fileName = `${this.#listGuid}-data-${sequence}.lzx`;
    this.#generation = { sequence, fileName, file: writeStored(details), plainBytes: details.length };
    return sequence;
  }

  /** The content of oab.xml. */
  manifest(): string {
    const { sequence, fileName, file, plainBytes } = this.#current();
    const sha = createHash('sha1').update(file).digest('hex');
    const full = { seq: sequence, ver: detailsVersion, size: file.length, uncompressedsize: plainBytes, SHA: sha };
    const list = element(
      'OAL',
      { id: this.#listGuid, dn: '/', name: '\\Global Address List' },
      element('Full', full, fileName),
    );
    return `<?xml version="1.0" encoding="utf-8"?><OAB>${list}</OAB>`;
  }

  /** A data file by its name; undefined when there is none of that name any more. */
  file(name: string): Buffer | undefined {
    const generation = this.#current();
    return generation.fileName.toLowerCase() === name.toLowerCase() ? generation.file : undefined;
  }

  #current(): Generation {
    if (this.#generation === undefined) this.generate();
    if (this.#generation === undefined) throw new Error('A generation was made and is not there.');
    return this.#generation;
  }

  clear(): void {
    this.#generation = undefined;
  }
}
