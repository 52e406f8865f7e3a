// SOAP Autodiscover: GetUserSettings for any number of users. The version stands in child elements here, not in attributes.
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, escapeText, textElement } from '../xml/writer.ts';
import type { Answer } from './directions.ts';

const action = 'http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings';
const version =
  '<h:MajorVersion>15</h:MajorVersion><h:MinorVersion>2</h:MinorVersion><h:MajorBuildNumber>1544</h:MajorBuildNumber><h:MinorBuildNumber>11</h:MinorBuildNumber><h:Version>Exchange2015</h:Version>';

/** The whole answer; a request that is not understood gets InvalidRequest. */
export function soapAnswer(document: XmlElement | undefined, directionsFor: (address: string) => Answer): string {
  const body = document === undefined ? undefined : childOf(document, 'Body');
  const message = body === undefined ? undefined : childOf(body, 'GetUserSettingsRequestMessage');
  const request = message === undefined ? undefined : childOf(message, 'Request');
  const users = request === undefined ? [] : childrenOf(request, 'Users');
  if (request === undefined || users.length === 0) {
    return envelope(
      '<ErrorCode>InvalidRequest</ErrorCode><ErrorMessage>The request is not valid.</ErrorMessage><UserResponses/>',
    );
  }
  const wanted = childrenOf(request, 'RequestedSettings').map((setting) => setting.text);
  const responses = users.map((user) => userResponse(directionsFor(textOf(user, 'Mailbox') ?? ''), wanted));
  return envelope(`<ErrorCode>NoError</ErrorCode><ErrorMessage/>${element('UserResponses', {}, responses.join(''))}`);
}

function userResponse(answer: Answer, wanted: readonly string[]): string {
  switch (answer.kind) {
    case 'settings':
      return response('NoError', 'No error.', undefined, settings(answer.values, wanted));
    case 'redirectAddr':
      return response('RedirectAddress', 'Redirection address.', answer.target);
    case 'redirectUrl':
    case 'http302':
      return response('RedirectUrl', 'Redirection URL.', answer.target);
    case 'busy':
      return response('ServerBusy', 'The server is too busy. Try again later.', undefined);
    default:
      return response('InvalidUser', 'The user was not found.', undefined);
  }
}

function response(
  code: string,
  text: string,
  target: string | undefined,
  content = '<UserSettingErrors/><UserSettings/>',
): string {
  const redirect = target === undefined ? '<RedirectTarget i:nil="true"/>' : textElement('RedirectTarget', target);
  return `<UserResponse><ErrorCode>${code}</ErrorCode><ErrorMessage>${escapeText(text)}</ErrorMessage>${redirect}${content}</UserResponse>`;
}

function settings(values: Readonly<Record<string, string>>, wanted: readonly string[]): string {
  const known = wanted.filter((name) => Object.hasOwn(values, name));
  const missing = wanted.filter((name) => !Object.hasOwn(values, name));
  const errors = missing.map((name) => {
    const code = /^[A-Za-z0-9]+$/.test(name) ? 'SettingIsNotAvailable' : 'InvalidSetting';
    return element(
      'UserSettingError',
      {},
      `<ErrorCode>${code}</ErrorCode><ErrorMessage>The setting is not available.</ErrorMessage>${textElement('SettingName', name)}`,
    );
  });
  const found = known.map(
    (name) =>
      `<UserSetting i:type="StringSetting">${textElement('Name', name)}${textElement('Value', values[name])}</UserSetting>`,
  );
  return element('UserSettingErrors', {}, errors.join('')) + element('UserSettings', {}, found.join(''));
}

function envelope(content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">${action}Response</a:Action><h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/2010/Autodiscover">${version}</h:ServerVersionInfo></s:Header><s:Body><GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${content}</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`;
}
