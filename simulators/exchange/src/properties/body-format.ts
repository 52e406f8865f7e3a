// Bodies from plain text to HTML and back. `Best` gives what is stored, as long as there is something richer than text.
import type { Body } from '../store/values.ts';

export type BodyFormat = 'Best' | 'HTML' | 'Text';

/** The body in the format that was asked for. */
export function bodyAs(body: Body, format: BodyFormat): Body {
  if (format === 'Text' && body.format === 'HTML') return { format: 'Text', text: htmlToText(body.text) };
  if (format === 'HTML' && body.format === 'Text') return { format: 'HTML', text: textToHtml(body.text) };
  return body;
}

function textToHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = escaped.replaceAll('\r\n', '\n').replaceAll('\n', '<br>\n');
  return `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n</head>\n<body>\n<div class="PlainText">${lines}</div>\n</body>\n</html>\n`;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

function htmlToText(html: string): string {
  const visible = html.replace(/<(head|style|script)\b[\s\S]*?<\/\1\s*>/gi, '').replace(/<!--[\s\S]*?-->/g, '');
  const flowing = visible.replace(/[\s\u00a0]*\n\s*/g, ' ');
  const broken = flowing.replace(/<br\s*\/?>|<\/(p|div|tr|h[1-6]|ul|ol)\s*>/gi, '\n').replace(/<li\b[^>]*>/gi, '\n* ');
  const bare = broken.replace(/<[^>]*>/g, '');
  const decoded = bare.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => decodeEntity(name) ?? whole);
  return decoded
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name.toLowerCase()];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
