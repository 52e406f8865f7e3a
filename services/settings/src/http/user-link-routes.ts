// Which Exchange mailbox belongs to which SuperOffice associate (the panel's User Synchronization Settings).
import { codedError, MailboxKey, UserLink } from '@lockstep/contracts';
import { Type } from 'typebox';
import { linkTag, pageOf } from '../user-link-rules.ts';
import type { UserLinkStore } from '../user-link-store.ts';
import { problemResponses, Refusal, unwrap } from './problem.ts';
import type { Api } from './types.ts';
import { etagHeader, etagOf, WriteHeaders, writerOf } from './write-headers.ts';

const tags = ['User links'];

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

const NewLink = Type.Object({ ...fields, enabled: Type.Optional(fields.enabled) }, { additionalProperties: false });
const LinkChanges = Type.Partial(Type.Object(fields), { additionalProperties: false });

const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Links on a page.' })),
    after: Type.Optional(Type.String({ maxLength: 16, description: 'The `next` of the page before.' })),
    address: Type.Optional(Type.String({ maxLength: 254, description: 'Only the link of this address.' })),
    associateId: Type.Optional(Type.Integer({ minimum: 1, description: 'Only the links of this associate.' })),
  },
  { additionalProperties: false },
);

export function userLinkRoutes(api: Api, store: UserLinkStore): void {
  const shown = Type.With(UserLink, etagHeader);

  api.get(
    '/user-links',
    {
      schema: {
        tags,
        operationId: 'user-links-list',
        summary: 'List the user links, page by page, in the order of their mailbox keys',
        querystring: PageQuery,
        response: {
          200: Type.Object({
            userLinks: Type.Array(UserLink),
            next: Type.Optional(Type.String({ description: 'Give this as `after` for the next page.' })),
          }),
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      const { limit = 100, ...filter } = request.query;
      const { links, ...next } = pageOf(await store.all(), { limit, ...filter });
      return reply.send({ userLinks: links, ...next });
    },
  );

  api.post(
    '/user-links',
    {
      schema: {
        tags,
        operationId: 'user-links-add',
        summary: 'Link a user',
        description:
          'Gives the mailbox key. The same address linked again to the same associate gets its former key, so that the synchronization goes on where it stopped.',
        headers: WriteHeaders,
        body: NewLink,
        response: { 201: shown, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { enabled = true, ...rest } = request.body;
      const { author } = writerOf(request.headers);
      const link = unwrap(await store.add({ ...rest, enabled }, { author }));
      return reply
        .code(201)
        .header('etag', etagOf(linkTag(link)))
        .header('location', `/api/v1/user-links/${link.mailbox}`)
        .send(link);
    },
  );

  api.get(
    '/user-links/:mailbox',
    {
      schema: {
        tags,
        operationId: 'user-links-read',
        summary: 'Read one user link',
        params: MailboxParams,
        response: { 200: shown, ...problemResponses },
      },
    },
    async (request, reply) => {
      const link = await store.get(request.params.mailbox);
      if (link === undefined) throw new Refusal(codedError('settings-not-found', { field: 'mailbox' }));
      return reply.header('etag', etagOf(linkTag(link))).send(link);
    },
  );

  api.patch(
    '/user-links/:mailbox',
    {
      schema: {
        tags,
        operationId: 'user-links-change',
        summary: 'Change a user link; the mailbox key stays, also with a new address',
        params: MailboxParams,
        headers: WriteHeaders,
        body: LinkChanges,
        response: { 200: shown, ...problemResponses },
      },
    },
    async (request, reply) => {
      const writer = writerOf(request.headers);
      const link = unwrap(await store.update(request.params.mailbox, request.body, writer));
      return reply.header('etag', etagOf(linkTag(link))).send(link);
    },
  );

  api.delete(
    '/user-links/:mailbox',
    {
      schema: {
        tags,
        operationId: 'user-links-remove',
        summary: 'Unlink a user',
        description:
          'Ends the synchronization of this user. Nothing is deleted in Exchange or SuperOffice; what Lockstep knows of the mailbox and its history stays, for when the user is linked again.',
        params: MailboxParams,
        headers: WriteHeaders,
        response: { 204: Type.Null({ description: 'Unlinked.' }), ...problemResponses },
      },
    },
    async (request, reply) => {
      unwrap(await store.remove(request.params.mailbox, writerOf(request.headers)));
      return reply.code(204).send(null);
    },
  );
}
