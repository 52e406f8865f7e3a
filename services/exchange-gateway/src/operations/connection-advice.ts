// What to click or which cmdlet to run when a step of the connection test fails. Where there is nothing better to say, the advice of
// the error table holds.
import { type ErrorCode, errorTable, type TechnicalSettings } from '@lockstep/contracts';

type Access = TechnicalSettings['access'];

const byStep: Readonly<Record<string, Partial<Record<ErrorCode, string>>>> = {
  dns: {
    'exchange-unreachable': 'Correct the host in EWS URL (or of the HTTP proxy), or enter it in DNS.',
  },
  tcp: {
    'exchange-unreachable':
      'Open this port in the firewall, or correct host and port in EWS URL (or of the HTTP proxy).',
  },
  oab: {
    'exchange-configuration':
      'Correct OAB URL (Get-OabVirtualDirectory). The book of a new server appears after Update-OfflineAddressBook, within 24 hours.',
    'exchange-unauthorized':
      'Allow the account the directory: Get-OabVirtualDirectory | Set-OabVirtualDirectory -BasicAuthentication $true.',
  },
};

const byCode: Partial<Record<ErrorCode, string>> = {
  'exchange-unauthorized':
    'Enter Username, Domain and Password anew in the technical settings; look at the account with Get-User (locked, expired) and at Get-WebServicesVirtualDirectory for the kinds of sign-in.',
  'exchange-blocked':
    'Switch EWS on: Set-CASMailbox <account or mailbox> -EwsEnabled $true, and Set-OrganizationConfig -EwsEnabled $true with the application in -EwsAllowedAppIDs.',
  'exchange-mailbox-missing': 'Correct the address in the user link: Get-Mailbox shows the primary address.',
};

const inMailbox: Readonly<Record<Access, string>> = {
  impersonation:
    'Run New-ManagementRoleAssignment -Name:Lockstep -Role:ApplicationImpersonation -User:<account>; its scope has to include this mailbox.',
  delegation:
    'Run Add-MailboxFolderPermission <mailbox>:\\<folder> -User <account> -AccessRights Editor, or Add-MailboxPermission <mailbox> -User <account> -AccessRights FullAccess.',
};

const rightsCodes: ReadonlySet<ErrorCode> = new Set([
  'exchange-impersonation-denied',
  'exchange-access-denied',
  'exchange-folder-missing',
]);

export function adviceFor(step: string, code: ErrorCode, access: Access): string {
  const special = byStep[step]?.[code];
  if (special !== undefined) return special;
  if (rightsCodes.has(code)) return inMailbox[code === 'exchange-impersonation-denied' ? 'impersonation' : access];
  return byCode[code] ?? errorTable[code].advice;
}
