// User links as administrators see them: the stored link of the contracts with descriptions, examples and limits.
import { MailboxKey } from '@lockstep/contracts';
import { Type } from 'typebox';

export const MailboxParams = Type.Object({
  mailbox: Type.With(MailboxKey, {
    description: 'The mailbox key, which was given when the user was linked.',
    'x-allowed': 'a mailbox key: 16 of the characters a-z and 2-7',
  }),
});

const fields = {
  address: Type.String({
    minLength: 3,
    maxLength: 254,
    description: 'The primary e-mail address of the mailbox. Each address is linked once, whatever its case.',
    examples: ['alice@example.com'],
  }),
  associateId: Type.Integer({
    minimum: 1,
    maximum: 2_147_483_647,
    description: 'The SuperOffice associate. Each is linked once among the enabled links.',
    examples: [5],
  }),
  zone: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The IANA time zone in which this user plans all-day events and new appointments.',
    examples: ['Europe/Oslo'],
  }),
  enabled: Type.Boolean({ description: 'Whether this user is synchronized.', default: true }),
};

export const NewLink = Type.Object(
  { ...fields, enabled: Type.Optional(fields.enabled) },
  { additionalProperties: false },
);
export const LinkChanges = Type.Partial(Type.Object(fields), { additionalProperties: false });

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Links on a page.' })),
    after: Type.Optional(Type.String({ maxLength: 16, description: 'The `next` of the page before.' })),
    address: Type.Optional(Type.String({ maxLength: 254, description: 'Only the link of this address.' })),
    associateId: Type.Optional(Type.Integer({ minimum: 1, description: 'Only the links of this associate.' })),
  },
  { additionalProperties: false },
);
