// The envelope of an answer: a fault, or the response messages, one an item and in the order of the request. A batch that fails as
// a whole comes back with fewer messages than were asked for.
import { childOf, descend, readXml, textOf, type XmlElement, XmlError } from './xml-reader.ts';

export interface Fault {
  readonly kind: 'fault';
  readonly code: string;
  readonly backOffMs: number | undefined;
}

export interface ResponseMessage {
  readonly responseClass: 'Success' | 'Warning' | 'Error';
  /** `NoError`, or the response code. */
  readonly code: string;
  readonly backOffMs: number | undefined;
  readonly element: XmlElement;
  /** Of the server that answered, for example 15.2.1544.11. */
  readonly serverVersion: string | undefined;
}

export interface Messages {
  readonly kind: 'messages';
  readonly messages: readonly ResponseMessage[];
}

/** Reads an answer. Throws `XmlError` when it is not a complete SOAP envelope. */
export function readReply(text: string): Fault | Messages {
  const envelope = readXml(text);
  const body = childOf(envelope, 'Body');
  if (envelope.name !== 'Envelope' || body === undefined) throw new XmlError('no SOAP envelope');
  const fault = childOf(body, 'Fault');
  if (fault !== undefined) return faultOf(fault);
  const version = versionOf(descend(envelope, 'Header', 'ServerVersionInfo'));
  const list = childOf(body.children[0], 'ResponseMessages');
  if (list === undefined) throw new XmlError('no response messages');
  return { kind: 'messages', messages: list.children.map((element) => messageOf(element, version)) };
}

function faultOf(fault: XmlElement): Fault {
  const detail = childOf(fault, 'detail');
  const code = textOf(detail, 'ResponseCode') ?? textOf(fault, 'faultcode')?.replace(/^.*:/, '') ?? '';
  return { kind: 'fault', code, backOffMs: backOffOf(childOf(detail, 'MessageXml')) };
}

function versionOf(info: XmlElement | undefined): string | undefined {
  const { MajorVersion, MinorVersion, MajorBuildNumber, MinorBuildNumber } = info?.attributes ?? {};
  const version = [MajorVersion, MinorVersion, MajorBuildNumber, MinorBuildNumber].join('.');
  return /^\d{1,5}(\.\d{1,5}){3}$/.test(version) ? version : undefined;
}

function messageOf(element: XmlElement, serverVersion: string | undefined): ResponseMessage {
  const responseClass = element.attributes['ResponseClass'];
  if (responseClass !== 'Success' && responseClass !== 'Warning' && responseClass !== 'Error') {
    throw new XmlError('no response class');
  }
  const code = textOf(element, 'ResponseCode') ?? '';
  return { responseClass, code, backOffMs: backOffOf(childOf(element, 'MessageXml')), element, serverVersion };
}

/** The hint of a throttling answer. Source: Learn, "EWS throttling in Exchange"; the name is exactly `BackOffMilliseconds`. */
function backOffOf(messageXml: XmlElement | undefined): number | undefined {
  const value = messageXml?.children.find((child) => child.attributes['Name'] === 'BackOffMilliseconds');
  const hint = Number(value?.text);
  return value === undefined || !Number.isFinite(hint) || hint < 0 ? undefined : Math.round(hint);
}

/** Id and change key of the item in a response message of CreateItem or UpdateItem. */
export function itemIdOf(message: ResponseMessage): { readonly id: string; readonly version: string } | undefined {
  const item = descend(message.element, 'Items')?.children[0];
  return idOf(childOf(item, 'ItemId'));
}

/** Id and change key of an `ItemId`; undefined when one of them is missing. */
export function idOf(itemId: XmlElement | undefined): { readonly id: string; readonly version: string } | undefined {
  const { Id: id, ChangeKey: version } = itemId?.attributes ?? {};
  return id === undefined || version === undefined ? undefined : { id, version };
}
