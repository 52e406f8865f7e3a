// The operations of the exchange-gateway beside those of items (side-operations.ts), in Exchange terms that a Graph backend
// could serve too: no SOAP, no EWS class.
// Every call names a mailbox by its key; the gateway alone knows the address, the account and how to reach the server.
import { Type } from 'typebox';
import { FolderName } from './kinds.ts';
import { MailboxKey } from './mailbox.ts';
import { operation } from './operation.ts';
import { Priority } from './priority.ts';
import { SealedSecret } from './settings/secret.ts';
import type { Data } from './shape.ts';

const call = { mailbox: MailboxKey, priority: Priority };
const inFolder = { ...call, folder: FolderName };

/** Reads a folder: that it is there and what we may do in it. Succeeding is part of the proof of a delete. */
export const getFolder = operation(
  'exchange.get-folder',
  Type.Object(inFolder),
  Type.Object({
    folderId: Type.String(),
    totalCount: Type.Integer(),
    rights: Type.Object({
      read: Type.Boolean(),
      create: Type.Boolean(),
      modify: Type.Boolean(),
      delete: Type.Boolean(),
    }),
  }),
);

/** `suspect`: it may have vanished, which the detector cannot tell from having left its sight: look at this id. */
export const ItemChange = Type.Object({
  kind: Type.Union([
    Type.Literal('created'),
    Type.Literal('updated'),
    Type.Literal('deleted'),
    Type.Literal('suspect'),
  ]),
  id: Type.String(),
  version: Type.Optional(Type.String()),
});
export type ItemChange = Data<typeof ItemChange>;

/**
 * Incremental change detection (EWS SyncFolderItems): what changed since the sync state; without one, every item is
 * `created` and none `deleted`. `more` means: ask again at once with the new state. A refused state is the error
 * `exchange-sync-state-invalid`.
 */
export const syncFolderItems = operation(
  'exchange.sync-folder-items',
  Type.Object({
    ...inFolder,
    syncState: Type.Union([Type.String(), Type.Null()]),
    maxChanges: Type.Integer({ minimum: 1, maximum: 512 }),
  }),
  Type.Object({ syncState: Type.String(), more: Type.Boolean(), changes: Type.Array(ItemChange) }),
);

export const TestStep = Type.Object({
  step: Type.String(),
  ok: Type.Boolean(),
  skipped: Type.Optional(Type.Boolean({ description: 'Not tried; `detail` says why.' })),
  code: Type.Optional(Type.String({ description: 'What failed, in one word of docs/reference/errors.md.' })),
  detail: Type.Optional(Type.String()),
  advice: Type.Optional(Type.String({ description: 'What to click or which cmdlet to run.' })),
  tookMs: Type.Integer({ minimum: 0 }),
});

/** Tries the technical settings against the server, step by step, with one linked mailbox. */
export const testConnection = operation(
  'exchange.test-connection',
  Type.Object({ mailbox: Type.Optional(MailboxKey) }),
  Type.Object({ ok: Type.Boolean(), steps: Type.Array(TestStep) }),
);

const hostAndPort = Type.String({ pattern: '^[a-z0-9.-]{1,253}:[0-9]{1,5}$' });

/** One place that Autodiscover was asked at. `redirect` is the http place that only sends on. */
const AutodiscoverStep = Type.Object({
  form: Type.Enum(['pox', 'soap', 'json', 'redirect']),
  host: Type.String({ description: '`host:port`' }),
  status: Type.Optional(Type.Integer({ description: 'The HTTP status.' })),
  tookMs: Type.Integer({ minimum: 0 }),
  result: Type.Enum([
    ...(['found', 'redirect', 'not-here', 'unknown-address', 'unauthorized', 'unreachable', 'unreadable'] as const),
    ...(['consent-needed', 'unsafe-redirect', 'loop', 'skipped', 'ended'] as const),
  ]),
  detail: Type.Optional(Type.String()),
  wantsConsent: Type.Optional(Type.String({ description: 'The host that nothing was sent to without consent.' })),
  advice: Type.Optional(Type.String()),
});

/**
 * Autodiscover: where EWS and the offline address book are, for a mailbox address. Without `url` the places of the address' own domain
 * are asked in the documented order. Nothing is sent to a host that is neither of that domain, nor of the settings, nor in `hosts`, and
 * the password only to those that it was sealed for. Changes no settings.
 */
export const autodiscover = operation(
  'exchange.autodiscover',
  Type.Object({
    address: Type.String({ maxLength: 320 }),
    url: Type.Optional(Type.String({ maxLength: 2048 })),
    hosts: Type.Array(hostAndPort, { maxItems: 16 }),
    password: Type.Optional(SealedSecret),
  }),
  Type.Object({
    ok: Type.Boolean(),
    ewsUrl: Type.Optional(Type.String()),
    oabUrl: Type.Optional(Type.String()),
    wantsConsent: Type.Array(Type.String()),
    steps: Type.Array(AutodiscoverStep),
  }),
);
