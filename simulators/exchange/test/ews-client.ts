// A client for the tests: sends a body in an envelope and gives back what matters of the answer.

import type { XmlElement } from '../src/xml/element.ts';
import { readXml } from '../src/xml/reader.ts';

export interface EwsAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The response codes in order; a fault has one. */
  readonly codes: readonly string[];
}

export interface EwsCall {
  readonly user?: string;
  readonly password?: string;
  readonly impersonate?: string;
  readonly timeZone?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const namespaces =
  'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"';

export class EwsClient {
  readonly #url: string;
  readonly #defaults: EwsCall;

  constructor(baseUrl: string, defaults: EwsCall) {
    this.#url = `${baseUrl}/EWS/Exchange.asmx`;
    this.#defaults = defaults;
  }

  async call(body: string, more: EwsCall = {}): Promise<EwsAnswer> {
    const response = await this.open(body, more);
    const text = await response.text();
    const codes = [...text.matchAll(/<(?:m|e):ResponseCode[^>]*>([^<]*)</g)].map((match) => match[1] ?? '');
    return { status: response.status, headers: response.headers, text, codes };
  }

  /** The answer with its body unread. */
  open(body: string, more: EwsCall = {}): Promise<Response> {
    const call = { ...this.#defaults, ...more };
    return this.raw(envelope(body, call), more);
  }

  raw(source: string, more: EwsCall = {}): Promise<Response> {
    const call = { ...this.#defaults, ...more };
    const credentials = Buffer.from(`${call.user}:${call.password}`).toString('base64');
    return fetch(this.#url, {
      method: 'POST',
      body: source,
      headers: { 'Content-Type': 'text/xml; charset=utf-8', Authorization: `Basic ${credentials}`, ...call.headers },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }
}

function envelope(body: string, call: EwsCall): string {
  const zone =
    call.timeZone === undefined
      ? ''
      : `<t:TimeZoneContext><t:TimeZoneDefinition Id="${call.timeZone}"/></t:TimeZoneContext>`;
  const act =
    call.impersonate === undefined
      ? ''
      : `<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>${call.impersonate}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
  return `<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope ${namespaces}><soap:Header><t:RequestServerVersion Version="Exchange2013_SP1"/>${zone}${act}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

/** All elements of that local name, in document order. */
export function all(text: string, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const walk = (element: XmlElement): void => {
    if (element.name === name) found.push(element);
    for (const child of element.children) walk(child);
  };
  walk(readXml(text, { maxDepth: 64 }));
  return found;
}

/** The text of the first element of that name. */
export function first(text: string, name: string): string | undefined {
  return all(text, name)[0]?.text;
}

export interface ItemId {
  readonly Id: string;
  readonly ChangeKey: string;
}

/** The ids of all items in an answer. */
export function ids(text: string): readonly ItemId[] {
  return all(text, 'ItemId').map(({ attributes }) => ({
    Id: attributes['Id'] ?? '',
    ChangeKey: attributes['ChangeKey'] ?? '',
  }));
}

export function writeItemId({ Id, ChangeKey }: ItemId): string {
  return `<t:ItemId Id="${Id}" ChangeKey="${ChangeKey}"/>`;
}
