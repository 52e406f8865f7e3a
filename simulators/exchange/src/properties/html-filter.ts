// What Exchange makes of HTML when it stores it: a whole document with its own meta line, tag and attribute names in small
// letters, attributes in double quotes, nothing that runs. What went through once comes through again unchanged.

/** Elements that are dropped together with what is in them. */
const dropped = new Set(['script', 'iframe', 'object', 'embed', 'applet', 'noscript', 'form']);
/** Elements that belong to the frame of the document, which is written anew. */
const frame = new Set(['html', 'head', 'body', 'meta', 'base', '!doctype', '?xml']);
const empty = new Set(['area', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'wbr']);

const contentType = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">';
/**
 * Each place is looked at once: an unfinished comment goes to the end, outside of quotes no tag holds another `<`, and a name has
 * no pattern of its own that could take the same letters.
 */
const token = /<!--[\s\S]*?(?:-->|$)|<[!?]?\/?[a-zA-Z](?:"[^"]*"|'[^']*'|[^'"<>])*>|[^<]+|</g;
const attribute = /([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/g;

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: string;
}

/** The document as it is stored. */
export function filterHtml(html: string): string {
  const head: string[] = [];
  const body: string[] = [];
  let bodyAttributes = '';
  let into = body;
  let skipping: string | undefined;
  for (const [text] of html.matchAll(token)) {
    const tag = readTag(text);
    if (skipping !== undefined) {
      if (tag?.closing && tag.name === skipping) skipping = undefined;
      continue;
    }
    if (tag === undefined) {
      if (!text.startsWith('<!--')) into.push(filterText(text));
    } else if (dropped.has(tag.name)) {
      if (!tag.closing && !text.endsWith('/>')) skipping = tag.name;
    } else if (frame.has(tag.name)) {
      if (tag.name === 'head') into = tag.closing ? body : head;
      if (tag.name === 'body' && !tag.closing) {
        into = body;
        bodyAttributes = tag.attributes;
      }
    } else {
      into.push(writeTag(tag));
    }
  }
  const kept = head.join('').trim();
  const start = `<html>\r\n<head>\r\n${contentType}\r\n${kept === '' ? '' : `${kept}\r\n`}</head>\r\n`;
  return `${start}<body${bodyAttributes}>\r\n${body.join('').trim()}\r\n</body>\r\n</html>\r\n`;
}

function readTag(text: string): Tag | undefined {
  const match = /^<(\/?)([!?]?[a-zA-Z][^\s>/]*)([\s\S]*)>$/.exec(text);
  if (match === null) return undefined;
  const [, slash, name = '', rest = ''] = match;
  return { name: name.toLowerCase(), closing: slash === '/', attributes: slash === '/' ? '' : filterAttributes(rest) };
}

function writeTag({ name, closing, attributes }: Tag): string {
  if (closing) return empty.has(name) ? '' : `</${name}>`;
  return `<${name}${attributes}>`;
}

function filterAttributes(text: string): string {
  let written = '';
  for (const [, name = '', given] of text.replace(/\/$/, '').matchAll(attribute)) {
    const value = given === undefined ? '' : given.replace(/^(["'])([\s\S]*)\1$/, '$2');
    if (/^on/i.test(name) || /^\s*(javascript|vbscript):/i.test(value)) continue;
    written += ` ${name.toLowerCase()}="${value.replaceAll('"', '&quot;')}"`;
  }
  return written;
}

function filterText(text: string): string {
  const whole = text
    .replace(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('\u00a0', '&nbsp;');
  return whole.replace(/\r?\n/g, '\r\n');
}
