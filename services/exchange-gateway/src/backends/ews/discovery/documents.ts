// What is sent to Autodiscover and what its answers say, in its three forms (Learn: "POX Autodiscover request", "GetUserSettings",
// Autodiscover v2). Nothing is contacted here.
import { childOf, descend, readXml, textOf, type XmlElement, XmlError } from '../soap/xml-reader.ts';

export type Form = 'pox' | 'soap' | 'json';

/** What one answer with status 200 says. */
export type Said =
  | { readonly kind: 'found'; readonly ewsUrl?: string; readonly oabUrl?: string }
  | { readonly kind: 'other-url'; readonly url: string }
  | { readonly kind: 'other-address'; readonly address: string }
  /** It answers, and has nothing for this address; `detail` is its code. */
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'unreadable' };

const outlook = 'http://schemas.microsoft.com/exchange/autodiscover/outlook';
const exchange2010 = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';

export function poxRequest(address: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${outlook}/requestschema/2006"><Request><EMailAddress>${escaped(address)}</EMailAddress><AcceptableResponseSchema>${outlook}/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
}

export function soapRequest(address: string, url: URL): string {
  const settings = ['ExternalEwsUrl', 'InternalEwsUrl', 'ExternalOABUrl', 'InternalOABUrl'];
  const wanted = settings.map((name) => `<a:Setting>${name}</a:Setting>`).join('');
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="${exchange2010}" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion><wsa:Action>${exchange2010}/Autodiscover/GetUserSettings</wsa:Action><wsa:To>${escaped(url.href)}</wsa:To></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User><a:Mailbox>${escaped(address)}</a:Mailbox></a:User></a:Users><a:RequestedSettings>${wanted}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>`;
}

export function readAnswer(form: Form, text: string): Said {
  try {
    if (form === 'json') return readJson(JSON.parse(text));
    const document = readXml(text);
    return form === 'pox' ? readPox(document) : readSoap(document);
  } catch (error) {
    if (error instanceof XmlError || error instanceof SyntaxError) return { kind: 'unreadable' };
    throw error;
  }
}

function readPox(document: XmlElement): Said {
  const response = document.name === 'Autodiscover' ? childOf(document, 'Response') : undefined;
  const error = childOf(response, 'Error');
  if (error !== undefined) return { kind: 'unknown', detail: short(textOf(error, 'ErrorCode')) };
  const account = childOf(response, 'Account');
  const url = textOf(account, 'RedirectUrl');
  if (url !== undefined) return { kind: 'other-url', url: url.trim() };
  const address = textOf(account, 'RedirectAddr');
  if (address !== undefined) return { kind: 'other-address', address: address.trim() };
  const blocks = account?.children.filter(({ name }) => name === 'Protocol') ?? [];
  // From outside: EXPR and EXHTTP before the addresses that only the inside of the company reaches.
  const external = blocks.filter((block) => /^(EXPR|EXHTTP)$/.test(textOf(block, 'Type') ?? ''));
  return found([...external, ...blocks].map((block) => [textOf(block, 'EwsUrl'), textOf(block, 'OABUrl')]));
}

function readSoap(document: XmlElement): Said {
  const response = descend(document, 'Body', 'GetUserSettingsResponseMessage', 'Response');
  if (response === undefined) return { kind: 'unreadable' };
  const user = descend(response, 'UserResponses', 'UserResponse');
  const code = textOf(user, 'ErrorCode') ?? textOf(response, 'ErrorCode');
  const target = textOf(user, 'RedirectTarget')?.trim() ?? '';
  if (code === 'RedirectUrl') return { kind: 'other-url', url: target };
  if (code === 'RedirectAddress') return { kind: 'other-address', address: target };
  if (code !== 'NoError') return { kind: 'unknown', detail: short(code) };
  const told = childOf(user, 'UserSettings')?.children ?? [];
  const values = new Map(told.map((setting) => [textOf(setting, 'Name'), textOf(setting, 'Value')]));
  return found([
    [values.get('ExternalEwsUrl'), values.get('ExternalOABUrl')],
    [values.get('InternalEwsUrl'), values.get('InternalOABUrl')],
  ]);
}

function readJson(said: unknown): Said {
  const url = typeof said === 'object' && said !== null && 'Url' in said ? said.Url : undefined;
  return typeof url === 'string' ? found([[url, undefined]]) : { kind: 'unreadable' };
}

/** The first address of each sort that is one; only https or http addresses count. */
function found(pairs: readonly (readonly [string | undefined, string | undefined])[]): Said {
  const ewsUrl = pairs.map(([ews]) => ews?.trim() ?? '').find(isAddress);
  const oabUrl = pairs.map(([, oab]) => oab?.trim() ?? '').find(isAddress);
  if (ewsUrl === undefined && oabUrl === undefined) return { kind: 'unknown', detail: 'no address' };
  return { kind: 'found', ...(ewsUrl === undefined ? {} : { ewsUrl }), ...(oabUrl === undefined ? {} : { oabUrl }) };
}

function isAddress(text: string): boolean {
  return text.length <= 2048 && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A code as another server wrote it, so that nothing long or strange travels on. */
function short(code: string | undefined): string {
  return (code ?? 'no code').replace(/[^\w .-]/g, '').slice(0, 64);
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
