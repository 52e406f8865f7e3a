// SOAP envelopes as Exchange writes them: `s:` with a ServerVersionInfo for answers and faults,
// unprefixed and with `soap11:` for the stream. Clients cut the stream on the literal text `</Envelope>`.
import { element, escapeText, textElement } from '../xml/writer.ts';
import type { EwsError } from './ews-error.ts';

const typesNs = 'http://schemas.microsoft.com/exchange/services/2006/types';
const messagesNs = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const errorsNs = 'http://schemas.microsoft.com/exchange/services/2006/errors';
const soapNs = 'http://schemas.xmlsoap.org/soap/envelope/';

const declaration = '<?xml version="1.0" encoding="utf-8"?>';
const version =
  'MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="11" Version="V2017_07_11"';

function envelope(body: string): string {
  return `${declaration}<s:Envelope xmlns:s="${soapNs}"><s:Header><h:ServerVersionInfo xmlns:h="${typesNs}" ${version}/></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

/** The answer to an operation: its response messages in request order. */
export function responseEnvelope(operation: string, messages: readonly string[]): string {
  const content = element('m:ResponseMessages', {}, messages.join(''));
  return bodyEnvelope(`m:${operation}Response`, content);
}

/** An answer that is not a list of response messages. */
export function bodyEnvelope(name: string, content: string, attributes = ''): string {
  return envelope(`<${name} xmlns:m="${messagesNs}" xmlns:t="${typesNs}"${attributes}>${content}</${name}>`);
}

export function successMessage(operation: string, content: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`;
}

/** @param content what the schema demands besides */
export function failureMessage(operation: string, error: EwsError, content: string): string {
  return unsuccessful(operation, 'Error', error.code, error.message, error.messageXml, content);
}

export function warningMessage(operation: string, code: string, text: string, content: string): string {
  return unsuccessful(operation, 'Warning', code, text, '', content);
}

function unsuccessful(
  operation: string,
  responseClass: string,
  code: string,
  text: string,
  messageXml: string,
  content: string,
): string {
  return element(
    `m:${operation}ResponseMessage`,
    { ResponseClass: responseClass },
    `${textElement('m:MessageText', text)}${textElement('m:ResponseCode', code)}<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${messageXml === '' ? '' : element('m:MessageXml', {}, messageXml)}${content}`,
  );
}

/** HTTP 500 with a SOAP fault. */
export function faultEnvelope(error: EwsError): string {
  const text = escapeText(error.message);
  const messageXml =
    error.messageXml === '' ? '' : `<t:MessageXml xmlns:t="${typesNs}">${error.messageXml}</t:MessageXml>`;
  return envelope(
    `<s:Fault><faultcode xmlns:a="${typesNs}">a:${escapeText(error.code)}</faultcode><faultstring xml:lang="en-US">${text}</faultstring><detail><e:ResponseCode xmlns:e="${errorsNs}">${escapeText(error.code)}</e:ResponseCode><e:Message xmlns:e="${errorsNs}">${text}</e:Message>${messageXml}</detail></s:Fault>`,
  );
}

/** One envelope of a stream. */
export function streamEnvelope(message: string): string {
  return `${declaration}<Envelope xmlns="${soapNs}"><soap11:Header xmlns:soap11="${soapNs}"><ServerVersionInfo xmlns="${typesNs}" ${version}/></soap11:Header><soap11:Body xmlns:soap11="${soapNs}"><m:GetStreamingEventsResponse xmlns:m="${messagesNs}" xmlns:t="${typesNs}"><m:ResponseMessages>${message}</m:ResponseMessages></m:GetStreamingEventsResponse></soap11:Body></Envelope>`;
}

/** What is sent to a subscriber: a request, though it holds response messages. */
export function pushEnvelope(message: string): string {
  return `${declaration}<soap11:Envelope xmlns:soap11="${soapNs}"><soap11:Header><t:RequestServerVersion xmlns:t="${typesNs}" Version="Exchange2013"/></soap11:Header><soap11:Body><m:SendNotification xmlns:t="${typesNs}" xmlns:m="${messagesNs}"><m:ResponseMessages>${message}</m:ResponseMessages></m:SendNotification></soap11:Body></soap11:Envelope>`;
}

/** `t:Value` entries of a MessageXml, such as the back-off hint. */
export function messageValues(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([Name, value]) => element('t:Value', { Name }, escapeText(String(value))))
    .join('');
}
