// Where the settings lie in the bucket `settings`, and how every service hears of a change.
import { Type } from 'typebox';
import type { MailboxKey } from '../mailbox.ts';
import { broadcast } from '../operation.ts';
import type { Data } from '../shape.ts';
import { superofficeSection } from './superoffice.ts';
import { syncSection } from './sync.ts';
import { technicalSection } from './technical.ts';
import { userLinkChunkOf } from './user-links.ts';

/** The sections that administrators change as a whole, in the order in which they are documented. */
export const settingsSections = [technicalSection, superofficeSection, syncSection] as const;

/** What is announced as one: a section, all user links, the administrator. */
export const SettingsSection = Type.Union([
  Type.Literal('technical'),
  Type.Literal('superoffice'),
  Type.Literal('sync'),
  Type.Literal('user-links'),
  Type.Literal('administrator'),
]);
export type SettingsSection = Data<typeof SettingsSection>;

/** Keys in the bucket `settings`. */
export const settingsKeys = {
  technical: 'technical',
  superoffice: 'superoffice',
  sync: 'sync',
  administrator: 'administrator',
  userLinks: (mailbox: MailboxKey) => `user-links.${userLinkChunkOf(mailbox)}`,
  userLinkChunk: (chunk: number) => `user-links.${chunk}`,
} as const;

/** Said on every change. A receiver reads the bucket again and compares for *different*, not for later. */
export const settingsChanged = broadcast(
  'settings.changed',
  Type.Object({ section: SettingsSection, revision: Type.Integer({ minimum: 0 }) }),
);
