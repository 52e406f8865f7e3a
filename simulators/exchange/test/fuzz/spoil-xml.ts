// Carries mutations out. Works on what looks like tags, so that a document that is broken already can be broken further.
import type { XmlMutation } from './xml-mutations.ts';

/** The bytes of the spoiled document. */
export function spoilXml(source: string, mutations: readonly XmlMutation[]): Buffer {
  return Buffer.from(mutations.reduce(spoil, binary(source)), 'latin1');
}

const binary = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function spoil(source: string, mutation: XmlMutation): string {
  switch (mutation.kind) {
    case 'replace':
      return source.replaceAll(mutation.from, mutation.to);
    case 'byte':
    case 'cutOut':
    case 'repeat':
    case 'truncate':
    case 'insert':
      return spoilBytes(source, mutation);
    default:
      return spoilElement(source, mutation);
  }
}

type OfBytes = Extract<XmlMutation, { kind: 'byte' | 'cutOut' | 'repeat' | 'truncate' | 'insert' }>;

function spoilBytes(source: string, mutation: OfBytes): string {
  const at = Math.floor(mutation.at * source.length);
  const [before, after] = [source.slice(0, at), source.slice(at)];
  switch (mutation.kind) {
    case 'byte':
      return before + String.fromCharCode(mutation.value) + after.slice(1);
    case 'cutOut':
      return before + after.slice(mutation.bytes);
    case 'repeat':
      return before + after.slice(0, mutation.bytes).repeat(mutation.times) + after;
    case 'truncate':
      return before;
    case 'insert':
      return before + binary(mutation.text) + after;
  }
}

interface Span {
  readonly start: number;
  /** Behind the start tag. */
  readonly content: number;
  /** Before the end tag. */
  readonly contentEnd: number;
  readonly end: number;
  readonly name: string;
}

function spansOf(source: string): readonly Span[] {
  const open: { readonly name: string; readonly start: number; readonly content: number }[] = [];
  const spans: Span[] = [];
  for (const tag of source.matchAll(/<(\/?)([A-Za-z_:][^\s<>/]*)[^<>]*?(\/?)>/g)) {
    const [whole, slash, name = '', empty] = tag;
    const [start, content] = [tag.index, tag.index + whole.length];
    if (slash === '/') {
      const opened = open.pop();
      if (opened !== undefined) spans.push({ ...opened, contentEnd: start, end: content });
    } else if (empty === '/') spans.push({ name, start, content, contentEnd: content, end: content });
    else open.push({ name, start, content });
  }
  return spans;
}

type OfElement = Exclude<XmlMutation, OfBytes | { kind: 'replace' }>;

function spoilElement(source: string, mutation: OfElement): string {
  const spans = spansOf(source);
  const span = spans[Math.floor(mutation.at * spans.length)];
  if (span === undefined) return source;
  const whole = source.slice(span.start, span.end);
  const put = (text: string): string => source.slice(0, span.start) + text + source.slice(span.end);
  switch (mutation.kind) {
    case 'text':
      return source.slice(0, span.content) + binary(mutation.value) + source.slice(span.contentEnd);
    case 'value':
      return put(replaceValue(whole, mutation.value));
    case 'attribute':
      return put(addToTag(whole, ` ${mutation.name}="${binary(mutation.value)}"`));
    case 'attributes':
      return put(
        addToTag(whole, Array.from({ length: mutation.count }, (_, n) => ` ${mutation.prefix}${n}="b"`).join('')),
      );
    case 'remove':
      return put('');
    case 'double':
      return put(whole.repeat(mutation.times + 1));
    case 'move': {
      const rest = put('');
      const target = spansOf(rest);
      const at = target[Math.floor(mutation.to * target.length)]?.start ?? 0;
      return rest.slice(0, at) + whole + rest.slice(at);
    }
    case 'wrap': {
      const { name } = span;
      return put(`<${name}>`.repeat(mutation.depth) + whole + `</${name}>`.repeat(mutation.depth));
    }
    case 'rename': {
      // By position: a spoiled name can be longer than a regular expression may be.
      const end = `</${span.name}>`;
      const begun = whole.replace(`<${span.name}`, `<${mutation.name}`);
      return put(begun.endsWith(end) ? `${begun.slice(0, -end.length)}</${mutation.name}>` : begun);
    }
  }
}

function addToTag(whole: string, text: string): string {
  return whole.replace(/^<[^\s<>/]+/, (start) => start + text);
}

/** Of the first attribute. */
function replaceValue(whole: string, value: string): string {
  return whole.replace(/^(<[^\s<>/]+ [^\s=<>]+=)"[^"<>]*"/, (_, start: string) => `${start}"${binary(value)}"`);
}
