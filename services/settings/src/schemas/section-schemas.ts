// The settings as administrators see them: the stored sections of the contracts with the panel's words, examples and limits.
// A write may name any of the fields; a password goes in as text and is never shown again.
import {
  ConflictRule,
  type FieldGroup,
  Instant,
  SuperOfficeSettings,
  SyncSettings,
  TechnicalSettings,
} from '@lockstep/contracts';
import {
  type Static,
  type TLiteral,
  type TProperties,
  type TSchema,
  type TSchemaOptions,
  type TUnion,
  Type,
} from 'typebox';

const line = {
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  'x-allowed': 'one line of at most 256 characters',
};
const url = { maxLength: 2048, 'x-allowed': 'empty or an http or https address of at most 2048 characters' };

/** What a read shows of a secret. */
export const PasswordView = Type.Object(
  { set: Type.Boolean(), changedAt: Type.Optional(Instant) },
  { description: 'Whether a secret is set, and since when. The secret itself is never shown.' },
);

/** What a write may say of a secret. */
const PasswordInput = Type.Union([Type.String({ minLength: 1, maxLength: 16_384 }), Type.Null(), PasswordView], {
  title: 'Password',
  description:
    'The password in clear. It is sealed at once for the service that uses it, together with account, authentication and hosts; ' +
    'a change of one of these needs the password again in the same request. `null` removes it; what a read showed keeps it.',
  examples: ['correct horse battery staple'],
  'x-allowed': 'the password (1 to 16384 characters), null to remove it, or what a read showed to keep it',
});

/** A union of literals as the `enum` that documentation shows best. */
function choice<L extends TLiteral[]>(union: TUnion<L>, options: TSchemaOptions = {}) {
  const values = union.anyOf.map(({ const: value }) => value);
  return Type.Unsafe<Static<TUnion<L>>>({ ...options, type: 'string', enum: values });
}

const stored = { technical: TechnicalSettings.properties, superoffice: SuperOfficeSettings.properties };

const technical = {
  userName: Type.With(stored.technical.userName, {
    ...line,
    title: 'Username',
    description: 'The account of the synchronizer (SyncUser). With hosted Exchange the full e-mail address.',
    examples: ['sync@example.com'],
  }),
  domain: Type.With(stored.technical.domain, {
    ...line,
    title: 'Domain',
    description: 'The Windows domain of the account; empty with hosted Exchange.',
    examples: ['EXAMPLE'],
  }),
  authentication: choice(stored.technical.authentication, {
    title: 'Authentication',
    description: 'How the account signs in to Exchange. `basic` and `oauth` need https, but for this machine itself.',
  }),
  autodiscover: choice(stored.technical.autodiscover, {
    title: 'Autodiscover EWS',
    description:
      '`by-address` asks Autodiscover for the domain of the account, `by-url` asks the given Autodiscover URL.',
  }),
  autodiscoverUrl: Type.With(stored.technical.autodiscoverUrl, {
    ...url,
    title: 'Autodiscover via URL',
    description: 'Where Autodiscover answers, when `autodiscover` is `by-url`.',
    examples: ['https://autodiscover.example.com/autodiscover/autodiscover.xml'],
  }),
  ewsUrl: Type.With(stored.technical.ewsUrl, {
    ...url,
    title: 'EWS URL',
    description: 'The address of Exchange Web Services.',
    examples: ['https://mail.example.com/EWS/Exchange.asmx'],
  }),
  oabUrl: Type.With(stored.technical.oabUrl, {
    ...url,
    title: 'OAB URL',
    description: 'The address of the offline address book, from which mailboxes are listed for linking.',
    examples: ['https://mail.example.com/OAB/'],
  }),
  access: choice(stored.technical.access, {
    title: 'Impersonation / Delegation',
    description:
      'How the account reaches the mailboxes. Impersonation is the faster; delegation needs rights for each mailbox.',
  }),
  eventsOptimizerMinutes: Type.With(stored.technical.eventsOptimizerMinutes, {
    title: 'Events Optimizer Interval (minutes)',
    description: 'Minutes between two runs of the events optimizer; 0 switches it off.',
  }),
  highServerLoad: Type.With(stored.technical.highServerLoad, {
    title: 'Optimize for High Server load environments',
    description: 'Delays calls while the average response time of the last minute is above 5 seconds.',
  }),
  incrementalChangeDetectionOnly: Type.With(stored.technical.incrementalChangeDetectionOnly, {
    title: 'Use Incremental Change Detection only',
    description:
      'No notifications: the users are visited in order, one at a time, with a pause of 3 seconds between two.',
  }),
  concurrentRequestLimit: Type.With(stored.technical.concurrentRequestLimit, {
    title: 'Limit number of concurrent requests',
    description: 'At most so many requests to Exchange at the same time; the rest wait. 0 means no fixed limit.',
    examples: [20],
  }),
  streamingConnectionLimit: Type.With(stored.technical.streamingConnectionLimit, {
    title: 'Limit of streaming connections',
    description: 'Streaming connections at the same time for each impersonated mailbox that carries one.',
  }),
};

const superoffice = {
  baseUrl: Type.With(stored.superoffice.baseUrl, {
    ...url,
    title: 'SuperOffice address',
    description: 'The base address of the tenant.',
    examples: ['https://crm.example.com/SuperOffice', 'https://online3.superoffice.com/Cust12345'],
  }),
  authentication: choice(stored.superoffice.authentication, {
    title: 'Authentication',
    description:
      '`basic`: user name and password of an associate (onsite); `system-user`: the key of the registered application (online).',
  }),
  userName: Type.With(stored.superoffice.userName, {
    ...line,
    title: 'Username',
    description: 'The associate of the synchronizer, or the system user token.',
    examples: ['SYNC'],
  }),
  webhookUrl: Type.With(stored.superoffice.webhookUrl, {
    ...url,
    title: 'Webhook URL',
    description: 'Where SuperOffice reaches the superoffice-watcher from outside; empty means polling only.',
    examples: ['https://lockstep.example.com/hooks/superoffice/Cust12345'],
  }),
  pollEveryMs: Type.With(stored.superoffice.pollEveryMs, {
    title: 'Polling interval',
    description: 'Milliseconds between two polls for what webhooks missed.',
    minimum: 500,
    maximum: 86_400_000,
    examples: [60_000],
  }),
};

const { appointments, windowBackDays, windowForwardDays } = SyncSettings.properties;
const sync = {
  appointments: choice(appointments, {
    title: 'Diary',
    description: 'In which direction appointments are synchronized.',
  }),
  windowBackDays: Type.With(windowBackDays, {
    title: 'Date range, days back',
    description: 'Items that ended earlier are left alone. Leaving the range neither deletes nor unlinks anything.',
  }),
  windowForwardDays: Type.With(windowForwardDays, {
    title: 'Date range, days forward',
    description: 'Items that begin later are left alone until they come into the range.',
  }),
};
const rule = choice(ConflictRule);
const rules = { title: rule, time: rule, text: rule, place: rule, busy: rule, privacy: rule } satisfies Record<
  FieldGroup,
  TSchema
>;
const conflict = {
  title: 'Conflict rules',
  description:
    'Which side wins when both changed the same field group to different values. The losing value stays in the history.',
};

const input = <P extends TProperties>(properties: P) =>
  Type.Partial(Type.Object(properties), { additionalProperties: false });

export const TechnicalInput = input({ ...technical, password: PasswordInput });
export const TechnicalView = Type.Object({ ...technical, password: PasswordView });
export const SuperOfficeInput = input({ ...superoffice, password: PasswordInput });
export const SuperOfficeView = Type.Object({ ...superoffice, password: PasswordView });
export const SyncInput = input({ ...sync, conflictRules: Type.With(input(rules), conflict) });
export const SyncView = Type.Object({ ...sync, conflictRules: Type.Object(rules, conflict) });
