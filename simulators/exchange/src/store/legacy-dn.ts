// The name that a mailbox has in the directory since before there was Active Directory; clients compare it only.
import type { Mailbox } from './mailbox.ts';

export function legacyDn(mailbox: Mailbox): string {
  const alias = mailbox.identity.address.split('@')[0];
  return `/o=Lockstep/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${alias}`;
}
