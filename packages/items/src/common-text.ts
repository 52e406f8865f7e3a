// Text of one line as both sides can hold it.

/** One line: NFC, breaks, tabs and hard blanks become blanks, trimmed, cut to so many UTF-16 units. */
export function commonLine(text: string, maxChars: number): string {
  const line = text
    .normalize('NFC')
    .replace(/[\r\n\t\u00a0]+/g, ' ')
    .trim();
  return cut(line, maxChars);
}

/** Cuts without splitting a character in two. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = /[\uD800-\uDBFF]/.test(text[maxChars - 1] ?? '') ? maxChars - 1 : maxChars;
  return text.slice(0, end).trimEnd();
}

/** `personal` is a label that hides nothing; whatever we do not know is treated as private. */
export function commonPrivacy(privacy: string): 'normal' | 'private' {
  return privacy === 'normal' || privacy === 'personal' ? 'normal' : 'private';
}
