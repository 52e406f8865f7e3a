// Builds XML as text. Everything that comes from a person goes through `escapeText` or an attribute here;
// characters that XML cannot carry become U+FFFD, because a broken document would help nobody.

const unwritable = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const special = /[&<>\r]/;

/** Text as it stands between two tags. A carriage return is written as a reference, else a reader would lose it. */
export function escapeText(text: string): string {
  const clean = text.replace(unwritable, '\ufffd');
  if (!special.test(clean)) return clean;
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
}

/** Text as it stands in an attribute between double quotes. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;');
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The attributes with a leading space each; undefined ones are left out. */
export function attributesOf(attributes: Attributes): string {
  let written = '';
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) written += ` ${name}="${escapeAttribute(String(value))}"`;
  }
  return written;
}

/** An element whose content is XML already. */
export function element(name: string, attributes: Attributes, content: string): string {
  const start = `<${name}${attributesOf(attributes)}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** An element with text in it; nothing when the text is undefined. */
export function textElement(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeText(String(text))}</${name}>`;
}
