// The SOAP request: envelope, headers and the one element in the body, checked against its schema.

import { checkElement } from '../schema/checker.ts';
import { timeZoneDefinition } from '../schema/common-types.ts';
import type { ElementType } from '../schema/schema.ts';
import { messagesNamespace, one, open, required, sequence, text, typesNamespace } from '../schema/schema.ts';
import { anyText, oneOf } from '../schema/simple-types.ts';
import { childOf, type XmlElement } from '../xml/element.ts';
import { XmlError } from '../xml/lexical.ts';
import { readXml } from '../xml/reader.ts';
import { textElement } from '../xml/writer.ts';
import { EwsFault } from './ews-error.ts';

export interface SoapRequest {
  readonly source: string;
  readonly headers: ReadonlyMap<string, XmlElement>;
  readonly body: XmlElement;
}

const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';
const maxDepth = 64;

const versions =
  'Exchange2007 Exchange2007_SP1 Exchange2009 Exchange2010 Exchange2010_SP1 Exchange2010_SP2 Exchange2012 Exchange2013 Exchange2013_SP1 Exchange2015 Exchange2016 V2015_10_05 V2016_01_06 V2016_04_13 V2016_07_13 V2016_10_10 V2017_01_07 V2017_04_14 V2017_07_11 V2017_10_09 V2018_01_08';
const isVersion = oneOf(versions);

const name = text(anyText);
/** The headers that EWS has; the ones that it lets pass unread are open. */
const headerTypes: ReadonlyMap<string, ElementType> = new Map(
  Object.entries<ElementType>({
    ExchangeImpersonation: sequence([
      one({
        't:ConnectingSID': sequence([
          one({
            't:PrincipalName': name,
            't:SID': name,
            't:PrimarySmtpAddress': name,
            't:SmtpAddress': name,
          }),
        ]),
      }),
    ]),
    TimeZoneContext: sequence([one({ 't:TimeZoneDefinition': timeZoneDefinition })]),
    RequestServerVersion: sequence([], { Version: required(anyText) }),
    MailboxCulture: text(anyText),
    DateTimePrecision: text(oneOf('Seconds Milliseconds')),
    ManagementRole: open,
    SerializedSecurityContext: open,
    ProxyRequestTypeHeader: open,
  }),
);

/** Reads the envelope. The body's own schema is checked by `checkBody`. @throws EwsFault */
export function readSoapRequest(source: string): SoapRequest {
  const envelope = parse(source);
  if (envelope.namespace !== soapNamespace || envelope.name !== 'Envelope') {
    throw schemaFault(source, envelope.offset, `The element '${envelope.name}' is not a SOAP 1.1 envelope.`);
  }
  const [first, second] = envelope.children;
  const body = first?.name === 'Body' ? first : second;
  const header = first?.name === 'Header' ? first : undefined;
  if (body?.name !== 'Body' || envelope.children.length !== (header === undefined ? 1 : 2)) {
    throw schemaFault(source, envelope.offset, "The element 'Envelope' has invalid content.");
  }
  for (const part of [envelope, header, body]) {
    if (part !== undefined && part.text.trim() !== '') {
      throw schemaFault(source, part.offset, `The element '${part.name}' cannot contain text.`);
    }
  }
  const [operation] = body.children;
  if (operation === undefined) throw new EwsFault('ErrorInvalidRequest', 'The request is invalid: the body is empty.');
  if (operation.namespace !== messagesNamespace || body.children.length > 1) {
    throw schemaFault(
      source,
      operation.offset,
      `The element 'Body' has invalid child element '${operation.name}' in namespace '${operation.namespace}'.`,
    );
  }
  return { source, headers: readHeaders(source, header), body: operation };
}

function parse(source: string): XmlElement {
  try {
    return readXml(source, { maxDepth });
  } catch (error) {
    if (error instanceof XmlError) throw schemaFault(source, error.offset, error.message);
    throw error;
  }
}

function readHeaders(source: string, header: XmlElement | undefined): ReadonlyMap<string, XmlElement> {
  const headers = new Map<string, XmlElement>();
  for (const child of header?.children ?? []) {
    if (child.namespace !== typesNamespace) continue;
    if (headers.has(child.name))
      throw new EwsFault('ErrorDuplicateSOAPHeader', `Duplicate SOAP header '${child.name}'.`);
    const type = headerTypes.get(child.name);
    if (type === undefined) throw schemaFault(source, child.offset, `The header '${child.name}' is not known.`);
    checkAgainst(source, child, type);
    headers.set(child.name, child);
  }
  const version = headers.get('RequestServerVersion')?.attributes['Version'];
  if (version !== undefined && isVersion(version) !== undefined) throw new EwsFault('ErrorInvalidServerVersion');
  return headers;
}

/** @throws EwsFault with the first violation */
export function checkAgainst(source: string, element: XmlElement, type: ElementType): void {
  const violation = checkElement(element, type);
  if (violation !== undefined) throw schemaFault(source, violation.offset, violation.text);
}

/** The fault for a request that is not as the schema says. */
export function schemaFault(source: string, offset: number, violation: string): EwsFault {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n') + 1;
  const detail = [
    textElement('t:LineNumber', line),
    textElement('t:LinePosition', column),
    textElement('t:Violation', violation),
  ];
  return new EwsFault('ErrorSchemaValidation', `The request failed schema validation: ${violation}`, detail.join(''));
}

/** Whom the request wants to act for. */
export function connectingSid(request: SoapRequest): XmlElement | undefined {
  const header = request.headers.get('ExchangeImpersonation');
  const sid = header === undefined ? undefined : childOf(header, 'ConnectingSID');
  return sid?.children[0];
}
