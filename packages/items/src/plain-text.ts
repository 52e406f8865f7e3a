// The text of an appointment as both sides can hold it: plain, with line breaks normalised.
// SuperOffice has no formatting, and Exchange turns plain text into HTML and back with spaces and breaks of its own.
import type { ItemText } from '@lockstep/contracts';
import { convert } from 'html-to-text';

const maxHtmlChars = 2_000_000;

/** The normalised plain text: LF line ends, no trailing blanks, at most one empty line in a row, trimmed. */
export function plainText(text: ItemText): string {
  return normalise(text.format === 'html' ? fromHtml(text.content) : text.content);
}

function fromHtml(html: string): string {
  return convert(html, {
    wordwrap: false,
    limits: { maxInputLength: maxHtmlChars, maxDepth: 200 },
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'p', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    ],
  });
}

function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/\u00a0/g, ' ')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
