// The characters of XML 1.0: which are names, which are allowed at all, and what a reference stands for.
// Control characters are not allowed even as a reference (`&#1;`): the real server refuses them.

/** A document that is not well-formed. */
export class XmlError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'XmlError';
    this.offset = offset;
  }
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const forbidden = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Replaces references and line ends as XML asks for. @throws XmlError */
export function decodeReferences(raw: string, offset: number): string {
  if (forbidden.test(raw)) throw new XmlError('An invalid character was found.', offset);
  const text = raw.includes('\r') ? raw.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : raw;
  if (!text.includes('&')) return text;
  if (/&(?![^;&]*;)/.test(text)) throw new XmlError("An '&' is not followed by a reference.", offset);
  return text.replace(/&([^;&]*);/g, (_, body: string) => {
    const value = named[body] ?? numeric(body);
    if (value === undefined) throw new XmlError(`Reference to undeclared entity '${body.slice(0, 40)}'.`, offset);
    return value;
  });
}

function numeric(body: string): string | undefined {
  const match = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(body);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const value = String.fromCodePoint(code);
  return forbidden.test(value) ? undefined : value;
}

/** Names of EWS are ASCII; other letters are let through so that the schema check names the element. */
export function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0xc0;
}

export function isNameCharacter(code: number): boolean {
  return isNameStart(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x3a;
}
