// A small strict XML 1.0 reader: UTF-8 only, no DOCTYPE (no entity bombs), bounded depth, namespaces checked.
// It refuses what a lenient reader would let pass, because the real server refuses it too.
import type { XmlElement } from './element.ts';
import { decodeReferences, isNameCharacter, isNameStart, XmlError } from './lexical.ts';

export interface XmlLimits {
  readonly maxDepth: number;
}

interface Open {
  readonly qualifiedName: string;
  readonly namespace: string;
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  readonly scope: Scope;
  readonly offset: number;
  text: string;
}

interface RawAttribute {
  readonly name: string;
  readonly value: string;
}

const declaration =
  /^<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')(?:\s+encoding\s*=\s*["']([A-Za-z][-A-Za-z0-9._]*)["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*$/;

/** Prefixes that one element declares. Scopes are linked and never copied: copies would cost elements times declarations. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const rootScope: Scope = { declared: new Map([['xml', xmlNamespace]]), outer: undefined };

function namespaceOf(prefix: string, innermost: Scope): string | undefined {
  for (let scope: Scope | undefined = innermost; scope !== undefined; scope = scope.outer) {
    const namespace = scope.declared.get(prefix);
    if (namespace !== undefined) return namespace;
  }
  return undefined;
}

/** Parses a document. @throws XmlError with the offset of the first offence. */
export function readXml(source: string, limits: XmlLimits): XmlElement {
  return new Reader(source, limits).document();
}

class Reader {
  readonly #source: string;
  readonly #limits: XmlLimits;
  readonly #stack: Open[] = [];
  #position = 0;
  #root: XmlElement | undefined;

  constructor(source: string, limits: XmlLimits) {
    this.#source = source;
    this.#limits = limits;
    if (source.charCodeAt(0) === 0xfeff) this.#position = 1;
  }

  document(): XmlElement {
    if (this.#source.startsWith('<?xml', this.#position)) this.#declaration();
    while (this.#position < this.#source.length) this.#next();
    const open = this.#stack.at(-1);
    if (open !== undefined)
      throw this.#error(`Unexpected end of file. The '${open.qualifiedName}' element is not closed.`);
    if (this.#root === undefined) throw this.#error('Root element is missing.');
    return this.#root;
  }

  #next(): void {
    const markup = this.#source.indexOf('<', this.#position);
    const end = markup === -1 ? this.#source.length : markup;
    if (end > this.#position) this.#characters(this.#source.slice(this.#position, end));
    this.#position = end;
    if (markup === -1) return;
    const following = this.#source.charCodeAt(markup + 1);
    if (following === 0x2f) this.#endTag();
    else if (following === 0x21) this.#bang();
    else if (following === 0x3f) this.#instruction();
    else this.#startTag();
  }

  #characters(raw: string): void {
    const open = this.#stack.at(-1);
    if (open === undefined) {
      if (raw.trim() !== '') throw this.#error('Data at the root level is invalid.');
      return;
    }
    if (raw.includes(']]>')) throw this.#error("']]>' is not allowed in character data.");
    open.text += decodeReferences(raw, this.#position);
  }

  #bang(): void {
    if (this.#source.startsWith('<!--', this.#position)) {
      const end = this.#source.indexOf('--', this.#position + 4);
      if (end === -1 || this.#source.charAt(end + 2) !== '>') throw this.#error('A comment is not well-formed.');
      this.#position = end + 3;
      return;
    }
    const open = this.#stack.at(-1);
    if (!this.#source.startsWith('<![CDATA[', this.#position) || open === undefined) {
      throw this.#error('For security reasons DTD is prohibited in this XML document.');
    }
    const end = this.#source.indexOf(']]>', this.#position);
    if (end === -1) throw this.#error('A CDATA section is not closed.');
    const raw = this.#source
      .slice(this.#position + 9, end)
      .replaceAll('\r\n', '\n')
      .replaceAll('\r', '\n');
    open.text += raw;
    this.#position = end + 3;
  }

  #declaration(): void {
    const end = this.#source.indexOf('?>', this.#position);
    if (end === -1) throw this.#error('The XML declaration is not closed.');
    const body = this.#source.slice(this.#position, end);
    const match = declaration.exec(body);
    if (match === null) throw this.#error('The XML declaration is not valid.');
    const encoding = match[1];
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) {
      throw this.#error(`The encoding '${encoding}' is not supported.`);
    }
    this.#position = end + 2;
  }

  #instruction(): void {
    const end = this.#source.indexOf('?>', this.#position);
    if (end === -1 || /^<\?xml[\s?]/i.test(this.#source.slice(this.#position, this.#position + 6))) {
      throw this.#error('Unexpected XML declaration or unclosed instruction.');
    }
    this.#position = end + 2;
  }

  #startTag(): void {
    const offset = this.#position;
    this.#position += 1;
    const qualifiedName = this.#name();
    const raw = this.#attributes();
    const empty = this.#source.charAt(this.#position) === '/';
    this.#position += empty ? 1 : 0;
    if (this.#source.charAt(this.#position) !== '>') throw this.#error("'>' is expected.");
    this.#position += 1;
    if (this.#stack.length >= this.#limits.maxDepth) throw this.#error('The document is nested too deeply.');
    if (this.#root !== undefined) throw this.#error('There are multiple root elements.');
    this.#open(qualifiedName, raw, offset);
    if (empty) this.#close();
  }

  #open(qualifiedName: string, raw: readonly RawAttribute[], offset: number): void {
    const scope = this.#scope(raw);
    const [prefix, name] = this.#split(qualifiedName);
    const attributes: Record<string, string> = Object.create(null);
    for (const attribute of raw) {
      if (attribute.name === 'xmlns' || attribute.name.startsWith('xmlns:')) continue;
      const [attributePrefix, local] = this.#split(attribute.name);
      const key = attributePrefix === '' ? local : `{${this.#resolve(attributePrefix, scope)}}${local}`;
      if (key in attributes) throw this.#error(`'${attribute.name}' is a duplicate attribute name.`);
      attributes[key] = attribute.value;
    }
    const namespace = prefix === '' ? (namespaceOf('', scope) ?? '') : this.#resolve(prefix, scope);
    this.#stack.push({ qualifiedName, namespace, name, attributes, children: [], scope, offset, text: '' });
  }

  #scope(raw: readonly RawAttribute[]): Scope {
    const outer = this.#stack.at(-1)?.scope ?? rootScope;
    let declared: Map<string, string> | undefined;
    for (const { name, value } of raw) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
      const prefix = name.slice(6);
      if (prefix !== '' && value === '') throw this.#error(`The prefix '${prefix}' cannot be undeclared.`);
      if (prefix === 'xmlns' || (prefix === 'xml') !== (value === xmlNamespace)) {
        throw this.#error(`The prefix '${prefix}' or its namespace is reserved.`);
      }
      declared ??= new Map();
      if (declared.has(prefix)) throw this.#error(`'${name}' is a duplicate attribute name.`);
      declared.set(prefix, value);
    }
    return declared === undefined ? outer : { declared, outer };
  }

  #resolve(prefix: string, scope: Scope): string {
    const namespace = namespaceOf(prefix, scope);
    if (namespace === undefined) throw this.#error(`'${prefix}' is an undeclared prefix.`);
    return namespace;
  }

  #split(qualifiedName: string): readonly [string, string] {
    const colon = qualifiedName.indexOf(':');
    if (colon === -1) return ['', qualifiedName];
    const local = qualifiedName.slice(colon + 1);
    if (colon === 0 || local === '' || local.includes(':')) throw this.#error(`'${qualifiedName}' is not a name.`);
    return [qualifiedName.slice(0, colon), local];
  }

  #attributes(): readonly RawAttribute[] {
    const found: RawAttribute[] = [];
    for (;;) {
      const before = this.#position;
      this.#whitespace();
      const character = this.#source.charAt(this.#position);
      if (character === '>' || character === '/' || character === '') return found;
      if (this.#position === before) throw this.#error('White space is expected between attributes.');
      const name = this.#name();
      this.#whitespace();
      if (this.#source.charAt(this.#position) !== '=') throw this.#error("'=' is expected.");
      this.#position += 1;
      this.#whitespace();
      found.push({ name, value: this.#quoted() });
    }
  }

  #quoted(): string {
    const quote = this.#source.charAt(this.#position);
    if (quote !== '"' && quote !== "'") throw this.#error('An attribute value is not quoted.');
    const end = this.#source.indexOf(quote, this.#position + 1);
    if (end === -1) throw this.#error('An attribute value is not closed.');
    const raw = this.#source.slice(this.#position + 1, end);
    if (raw.includes('<')) throw this.#error("'<' is an invalid attribute character.");
    const value = decodeReferences(raw.replace(/\r\n|[\r\n\t]/g, ' '), this.#position);
    this.#position = end + 1;
    return value;
  }

  #endTag(): void {
    this.#position += 2;
    const name = this.#name();
    this.#whitespace();
    const open = this.#stack.at(-1);
    if (open?.qualifiedName !== name || this.#source.charAt(this.#position) !== '>') {
      throw this.#error(`The end tag of '${name}' does not match a start tag.`);
    }
    this.#position += 1;
    this.#close();
  }

  #close(): void {
    const element = this.#stack.pop();
    if (element === undefined) throw this.#error('An end tag has no start tag.');
    const parent = this.#stack.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
  }

  #name(): string {
    const start = this.#position;
    if (!isNameStart(this.#source.charCodeAt(start))) throw this.#error('A name begins with an invalid character.');
    let end = start + 1;
    while (isNameCharacter(this.#source.charCodeAt(end))) end += 1;
    this.#position = end;
    return this.#source.slice(start, end);
  }

  #whitespace(): void {
    for (;;) {
      const code = this.#source.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position += 1;
    }
  }

  #error(message: string): XmlError {
    return new XmlError(message, this.#position);
  }
}
