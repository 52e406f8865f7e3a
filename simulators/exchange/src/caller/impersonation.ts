// Who the caller is, and whom he acts for: the ExchangeImpersonation header against the account's right.

import { EwsFault } from '../soap/ews-error.ts';
import { connectingSid, type SoapRequest } from '../soap/request.ts';
import type { Account, Directory } from '../store/directory.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { XmlElement } from '../xml/element.ts';
import { textElement } from '../xml/writer.ts';
import type { Caller } from './call-context.ts';

/** @throws EwsFault when the header is wrong or the right is missing */
export function callerOf(account: Account, request: SoapRequest, directory: Directory): Caller {
  const sid = connectingSid(request);
  if (sid === undefined) {
    const mailbox = directory.mailbox(account.address);
    return { account, mailbox, impersonated: undefined, budgetOwner: account.address };
  }
  const impersonated = impersonatedMailbox(sid, directory);
  if (!mayImpersonate(account, impersonated)) throw new EwsFault('ErrorImpersonateUserDenied');
  const budgetOwner = `${impersonated.identity.address} (impersonated)`;
  return { account, mailbox: impersonated, impersonated, budgetOwner };
}

function impersonatedMailbox(sid: XmlElement, directory: Directory): Mailbox {
  const name = sid.text.trim();
  if (name === '') throw new EwsFault('ErrorInvalidExchangeImpersonationHeaderData');
  if (sid.name === 'SID') return bySid(name, directory);
  const mailbox = directory.mailbox(name);
  if (mailbox === undefined) {
    throw new EwsFault(sid.name === 'PrincipalName' ? 'ErrorInvalidUserPrincipalName' : 'ErrorNonExistentMailbox');
  }
  const primary = mailbox.identity.address;
  if (sid.name === 'PrimarySmtpAddress' && primary.toLowerCase() !== name.toLowerCase()) {
    throw new EwsFault(
      'ErrorNonPrimarySmtpAddress',
      undefined,
      textElement('t:Value', primary).replace('<t:Value>', '<t:Value Name="Primary">'),
    );
  }
  return mailbox;
}

/** Here a SID ends in the mailbox's GUID: there is no domain that would give others. */
function bySid(sid: string, directory: Directory): Mailbox {
  const mailbox = /^S-1-(\d+-)*\d+$/.test(sid) ? undefined : directory.mailboxByGuid(sid.replace(/^S-1-5-21-/, ''));
  if (mailbox === undefined) throw new EwsFault('ErrorInvalidUserSid');
  return mailbox;
}

function mayImpersonate(account: Account, mailbox: Mailbox): boolean {
  const { impersonation } = account;
  if (impersonation.kind === 'all') return true;
  if (impersonation.kind === 'none') return false;
  return impersonation.addresses.some((each) => each.toLowerCase() === mailbox.identity.address.toLowerCase());
}
