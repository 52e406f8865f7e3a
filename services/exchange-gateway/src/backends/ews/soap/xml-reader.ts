// A strict, fast reader for the answers of Exchange: ten to twenty times less work than a DOM. Names lose their prefix, since
// servers differ in prefixes; a document type, an unknown entity or an unbalanced tag is refused, not guessed. One thing that XML
// forbids is let pass, since Exchange writes it: see `character`.

export interface XmlElement {
  /** The local name. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The whole text as written, untrimmed; empty when there are children. */
  readonly text: string;
}

/** The text is not XML as Exchange writes it; the message names the fault, never the content. */
export class XmlError extends Error {
  constructor(fault: string) {
    super(`XML: ${fault}`);
    this.name = 'XmlError';
  }
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const maxDepth = 256;
const noAttributes: Readonly<Record<string, string>> = Object.freeze({});
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads one document. Throws `XmlError`. */
export function readXml(text: string): XmlElement {
  return new Scanner(text).read();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  readonly #open: Open[] = [];
  #root: XmlElement | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): XmlElement {
    for (;;) {
      const tag = this.#text.indexOf('<', this.#at);
      if (tag < 0) break;
      this.#takeText(tag);
      this.#takeTag(tag);
    }
    if (this.#root === undefined || this.#open.length > 0) throw new XmlError('truncated');
    if (this.#text.slice(this.#at).trim() !== '') throw new XmlError('text after the root');
    return this.#root;
  }

  #takeText(end: number): void {
    const current = this.#open.at(-1);
    if (current === undefined || end === this.#at) return;
    current.text += decodeEntities(this.#text.slice(this.#at, end));
  }

  #takeTag(tag: number): void {
    const next = this.#text.charCodeAt(tag + 1);
    if (next === 47 /* / */) this.#takeEndTag(tag);
    else if (next === 63 /* ? */) this.#at = this.#after('?>', tag);
    else if (next === 33 /* ! */) this.#takeMarkup(tag);
    else this.#takeStartTag(tag);
  }

  #takeMarkup(tag: number): void {
    if (this.#text.startsWith('<!--', tag)) {
      this.#at = this.#after('-->', tag);
      return;
    }
    const current = this.#open.at(-1);
    if (current === undefined || !this.#text.startsWith('<![CDATA[', tag)) throw new XmlError('document type refused');
    this.#at = this.#after(']]>', tag);
    current.text += this.#text.slice(tag + 9, this.#at - 3);
  }

  #takeEndTag(tag: number): void {
    const end = this.#text.indexOf('>', tag);
    if (end < 0) throw new XmlError('truncated');
    const current = this.#open.pop();
    if (current === undefined || localName(this.#text.slice(tag + 2, end).trimEnd()) !== current.name) {
      throw new XmlError('unbalanced tag');
    }
    this.#at = end + 1;
    this.#close(current);
  }

  #takeStartTag(tag: number): void {
    if (this.#root !== undefined) throw new XmlError('content after the root');
    const nameEnd = this.#nameEnd(tag + 1);
    const name = localName(this.#text.slice(tag + 1, nameEnd));
    if (name === '') throw new XmlError('bad tag');
    const element: Open = { name, attributes: noAttributes, children: [], text: '' };
    const { attributes, end, selfClosing } = this.#takeAttributes(nameEnd);
    const opened = attributes === undefined ? element : { ...element, attributes };
    this.#at = end;
    if (selfClosing) {
      this.#close(opened);
      return;
    }
    if (this.#open.length >= maxDepth) throw new XmlError('too deep');
    this.#open.push(opened);
  }

  #takeAttributes(from: number) {
    let at = from;
    let attributes: Record<string, string> | undefined;
    for (;;) {
      at = this.#skipSpace(at);
      const code = this.#text.charCodeAt(at);
      if (code === 62 /* > */) return { attributes, end: at + 1, selfClosing: false };
      if (code === 47 /* / */) {
        if (this.#text.charCodeAt(at + 1) !== 62) throw new XmlError('bad tag');
        return { attributes, end: at + 2, selfClosing: true };
      }
      const equals = this.#text.indexOf('=', at);
      const quote = equals < 0 ? '' : (this.#text[equals + 1] ?? '');
      if (quote !== '"' && quote !== "'") throw new XmlError('bad attribute');
      const valueEnd = this.#text.indexOf(quote, equals + 2);
      if (valueEnd < 0) throw new XmlError('truncated');
      const name = this.#text.slice(at, equals).trim();
      if (!name.startsWith('xmlns')) {
        attributes ??= Object.create(null) as Record<string, string>;
        attributes[localName(name)] = decodeEntities(this.#text.slice(equals + 2, valueEnd));
      }
      at = valueEnd + 1;
    }
  }

  #close(element: Open): void {
    if (element.children.length > 0) element.text = '';
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
  }

  #nameEnd(from: number): number {
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code <= 32 || code === 62 || code === 47) return at;
    }
    throw new XmlError('truncated');
  }

  #skipSpace(from: number): number {
    for (let at = from; at < this.#text.length; at++) if (this.#text.charCodeAt(at) > 32) return at;
    throw new XmlError('truncated');
  }

  #after(mark: string, from: number): number {
    const found = this.#text.indexOf(mark, from);
    if (found < 0) throw new XmlError('truncated');
    return found + mark.length;
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decodeEntities(raw: string): string {
  const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
  if (!text.includes('&')) return text;
  return text.replace(/&([^;\s]{0,12});?/g, (_, entity: string) => {
    if (entity.startsWith('#')) return character(entity.slice(1));
    const value = named[entity];
    if (value === undefined) throw new XmlError('unknown entity');
    return value;
  });
}

// Exchange writes references to characters that XML forbids when a client managed to save one. They say nothing to a person, and
// nothing that we write may hold them: they are left out, so that the rest of the answer can be read.
function character(reference: string): string {
  const code = /^x[\da-f]+$/i.test(reference) ? Number.parseInt(reference.slice(1), 16) : decimal(reference);
  if (!(code <= 0x10ffff)) throw new XmlError('bad character reference');
  return isForbidden(code) ? '' : String.fromCodePoint(code);
}

const decimal = (digits: string): number => (/^\d+$/.test(digits) ? Number(digits) : Number.NaN);

/** Source: XML 1.0, production [2] Char. */
function isForbidden(code: number): boolean {
  const control = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd;
  return control || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff;
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** Follows a path of names downwards. */
export function descend(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => childOf(at, name), element);
}

/** The text of a child; undefined when there is none. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text;
}
