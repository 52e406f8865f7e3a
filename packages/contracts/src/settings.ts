// The settings as they are stored in the bucket `settings` and read by every service.
// Secrets are sealed: the bucket holds a JWE that only the using service can open, never a password.
import { Type } from 'typebox';
import { type ItemKind, itemKinds, kinds } from './kinds.ts';
import { fnv1a32, MailboxKey } from './mailbox.ts';
import { broadcast } from './operation.ts';
import { type Data, DurationMs, Instant, recordVersion, ZoneName } from './shape.ts';

/** A secret for one service, bound to account, authentication and hosts by the protected header (`SealedPurpose`). */
export const SealedSecret = Type.Object({ jwe: Type.String(), changedAt: Instant });
export type SealedSecret = Data<typeof SealedSecret>;

/** The protected header fields of the JWE that say what the secret may be used for. `hosts` holds `host:port`. */
export const SealedPurpose = Type.Object({
  use: Type.Union([Type.Literal('exchange'), Type.Literal('superoffice')]),
  account: Type.String(),
  authentication: Type.String(),
  hosts: Type.Array(Type.String(), { minItems: 1 }),
});
export type SealedPurpose = Data<typeof SealedPurpose>;

export const Authentication = Type.Union([Type.Literal('basic'), Type.Literal('ntlm'), Type.Literal('oauth')]);
export type Authentication = Data<typeof Authentication>;

export const Access = Type.Union([Type.Literal('impersonation'), Type.Literal('delegation')]);

/** The technical settings of the panel. Their meaning is the one that administrators know (design §5, §6, §8). */
export const TechnicalSettings = Type.Object({
  v: recordVersion,
  userName: Type.String(),
  domain: Type.String(),
  authentication: Authentication,
  password: Type.Optional(SealedSecret),
  autodiscover: Type.Union([Type.Literal('off'), Type.Literal('by-address'), Type.Literal('by-url')]),
  autodiscoverUrl: Type.String(),
  ewsUrl: Type.String(),
  oabUrl: Type.String(),
  access: Access,
  /** Minutes between two runs of the events optimizer; 0 = off. */
  eventsOptimizerMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  /** Optimize for high server load environments. */
  highServerLoad: Type.Boolean(),
  /** Use incremental change detection only: no subscriptions, one user after the other with 3 s between. */
  incrementalChangeDetectionOnly: Type.Boolean(),
  /** Limit number of concurrent requests; 0 = no fixed limit. */
  concurrentRequestLimit: Type.Integer({ minimum: 0, maximum: 1000 }),
  /** Streaming connections at the same time for each impersonated anchor. */
  streamingConnectionLimit: Type.Integer({ minimum: 1, maximum: 10 }),
});
export type TechnicalSettings = Data<typeof TechnicalSettings>;

export const defaultTechnicalSettings: TechnicalSettings = {
  v: 1,
  userName: '',
  domain: '',
  authentication: 'basic',
  autodiscover: 'off',
  autodiscoverUrl: '',
  ewsUrl: '',
  oabUrl: '',
  access: 'impersonation',
  eventsOptimizerMinutes: 60,
  highServerLoad: false,
  incrementalChangeDetectionOnly: false,
  concurrentRequestLimit: 0,
  streamingConnectionLimit: 3,
};

/** How SuperOffice is reached. Without `webhookUrl` the watcher polls only. */
export const SuperOfficeSettings = Type.Object({
  v: recordVersion,
  /** The tenant's base address, `https://crm.example.com/SuperOffice` or `https://online3.superoffice.com/Cust12345`. */
  baseUrl: Type.String(),
  authentication: Type.Union([Type.Literal('basic'), Type.Literal('system-user')]),
  userName: Type.String(),
  password: Type.Optional(SealedSecret),
  /** Where SuperOffice can reach the watcher from outside. */
  webhookUrl: Type.String(),
  pollEveryMs: DurationMs,
});
export type SuperOfficeSettings = Data<typeof SuperOfficeSettings>;

export const defaultSuperOfficeSettings: SuperOfficeSettings = {
  v: 1,
  baseUrl: '',
  authentication: 'basic',
  userName: '',
  webhookUrl: '',
  pollEveryMs: 60_000,
};

export const ConflictRule = Type.Union([Type.Literal('newer'), Type.Literal('superoffice'), Type.Literal('exchange')]);
export type ConflictRule = Data<typeof ConflictRule>;

export const SyncDirection = Type.Union([
  Type.Literal('both'),
  Type.Literal('to-superoffice'),
  Type.Literal('to-exchange'),
  Type.Literal('off'),
]);
export type SyncDirection = Data<typeof SyncDirection>;

/** The field groups that are merged as wholes (design §7). */
export const fieldGroups = ['title', 'time', 'text', 'place', 'busy', 'privacy'] as const;
export type FieldGroup = (typeof fieldGroups)[number];

export const SyncSettings = Type.Object({
  v: recordVersion,
  appointments: SyncDirection,
  tasks: Type.Optional(SyncDirection),
  /** Items that ended earlier than so many days ago are left alone. */
  windowBackDays: Type.Integer({ minimum: 0, maximum: 3650 }),
  windowForwardDays: Type.Integer({ minimum: 1, maximum: 3650 }),
  conflictRules: Type.Object({
    title: ConflictRule,
    time: ConflictRule,
    text: ConflictRule,
    place: ConflictRule,
    busy: ConflictRule,
    privacy: ConflictRule,
  }),
});
export type SyncSettings = Data<typeof SyncSettings>;

/** In which direction the items of a kind are carried over. */
export function directionOf(settings: SyncSettings, kind: ItemKind): SyncDirection {
  return settings[kinds[kind].setting] ?? 'off';
}

/** The kinds that are carried over in at least one direction: their folders are watched. */
export function watchedKinds(settings: SyncSettings): readonly ItemKind[] {
  return itemKinds.filter((kind) => directionOf(settings, kind) !== 'off');
}

export const defaultSyncSettings: SyncSettings = {
  v: 1,
  appointments: 'both',
  windowBackDays: 30,
  windowForwardDays: 365,
  conflictRules: { title: 'newer', time: 'newer', text: 'newer', place: 'newer', busy: 'newer', privacy: 'newer' },
};

/** Ties an Exchange mailbox to a SuperOffice associate. The key is given once and kept for ever; the address may change. */
export const UserLink = Type.Object({
  mailbox: MailboxKey,
  address: Type.String(),
  associateId: Type.Integer({ minimum: 1 }),
  /** The zone in which this user's all-day events and new appointments are planned. */
  zone: ZoneName,
  enabled: Type.Boolean(),
  linkedAt: Instant,
});
export type UserLink = Data<typeof UserLink>;

/**
 * User links are stored in 16 chunks, so that 10,000 of them are read with 16 gets. `removed` remembers deleted links, so
 * that a user who is linked again gets the mailbox key back and goes on where the synchronization stopped.
 */
export const UserLinkChunk = Type.Object({
  v: recordVersion,
  links: Type.Array(UserLink),
  removed: Type.Optional(Type.Array(UserLink)),
});
export type UserLinkChunk = Data<typeof UserLinkChunk>;
export const userLinkChunkCount = 16;

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
  userLinks: (mailbox: MailboxKey) => `user-links.${fnv1a32(mailbox) % userLinkChunkCount}`,
  userLinkChunk: (chunk: number) => `user-links.${chunk}`,
} as const;

/** Only the SHA-256 of the administrator token is stored. */
export const AdministratorRecord = Type.Object({ v: recordVersion, tokenSha256: Type.String() });

/** Who changed a stored section and when; every stored settings value carries it beside the section. */
export const SettingsRecord = <S extends import('typebox').TSchema>(section: S) =>
  Type.Object({ v: recordVersion, author: Type.String(), at: Instant, value: section });

/** Said on every change. A receiver reads the bucket again and compares for *different*, not for later. */
export const settingsChanged = broadcast(
  'settings.changed',
  Type.Object({ section: SettingsSection, revision: Type.Integer({ minimum: 0 }) }),
);
