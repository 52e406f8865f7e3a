// Plain-XML Autodiscover.
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, escapeText, textElement } from '../xml/writer.ts';
import type { Answer } from './directions.ts';

const requestNs = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const outerNs = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const innerNs = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** The address that is asked about; undefined when the request is not one that we answer. */
export function poxAddress(document: XmlElement): string | undefined {
  const request = childOf(document, 'Request');
  if (document.namespace !== requestNs || document.name !== 'Autodiscover' || request === undefined) return undefined;
  if (textOf(request, 'AcceptableResponseSchema') !== innerNs) return undefined;
  return textOf(request, 'EMailAddress');
}

export function poxInvalid(nowMs: number): string {
  return failure(600, 'Invalid Request', nowMs);
}

/** Directions that are HTTP alone have been dealt with before. */
export function poxAnswer(answer: Answer, nowMs: number): string {
  switch (answer.kind) {
    case 'settings':
      return success(settings(answer.values));
    case 'redirectAddr':
      return success(account('redirectAddr', textElement('RedirectAddr', answer.target)));
    case 'redirectUrl':
      return success(account('redirectUrl', textElement('RedirectUrl', answer.target)));
    case 'busy':
      return failure(601, 'The server is too busy. Try again later.', nowMs);
    default:
      return failure(500, "The email address can't be found.", nowMs);
  }
}

function account(action: string, content: string): string {
  return element(
    'Account',
    {},
    `<AccountType>email</AccountType><Action>${action}</Action><MicrosoftOnline>False</MicrosoftOnline>${content}`,
  );
}

function settings(values: Readonly<Record<string, string>>): string {
  const user = [
    textElement('DisplayName', values['UserDisplayName']),
    textElement('LegacyDN', values['UserDN']),
    textElement('AutoDiscoverSMTPAddress', values['AutoDiscoverSMTPAddress']),
    textElement('DeploymentId', values['UserDeploymentId']),
  ].join('');
  const urls = (ews: string | undefined, oab: string | undefined): string =>
    textElement('ASUrl', ews) + textElement('OABUrl', oab) + textElement('EwsUrl', ews);
  const internal = `<Type>EXCH</Type><ServerVersion>73D48608</ServerVersion>${urls(values['InternalEwsUrl'], values['InternalOABUrl'])}`;
  const external = `<Type>EXPR</Type><SSL>Off</SSL><AuthPackage>Ntlm</AuthPackage>${urls(values['ExternalEwsUrl'], values['ExternalOABUrl'])}${textElement('GroupingInformation', values['GroupingInformation'])}`;
  return (
    element('User', {}, user) +
    account('settings', element('Protocol', {}, internal) + element('Protocol', {}, external))
  );
}

function success(content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${outerNs}"><Response xmlns="${innerNs}">${content}</Response></Autodiscover>`;
}

function failure(code: number, message: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().slice(11, 23);
  return `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${outerNs}"><Response><Error Time="${time}" Id="4130155072"><ErrorCode>${code}</ErrorCode><Message>${escapeText(message)}</Message><DebugData/></Error></Response></Autodiscover>`;
}
