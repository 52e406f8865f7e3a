// Which Exchange mailbox belongs to which SuperOffice associate (the panel's User Synchronization Settings).
import { codedError, UserLink } from '@lockstep/contracts';
import { Type } from 'typebox';
import { linkTag, pageOf } from '../rules/user-links.ts';
import type { UserLinkStore } from '../store/user-link-store.ts';
import { problemResponses, Refusal, unwrap } from './problem.ts';
import type { Api } from './types.ts';
import { LinkChanges, MailboxParams, NewLink, PageQuery } from './user-link-schemas.ts';
import { etagHeader, etagOf, WriteHeaders, writerOf } from './write-headers.ts';

const tags = ['User links'];

const shown = Type.With(UserLink, etagHeader);

export function userLinkRoutes(api: Api, store: UserLinkStore): void {
  readingRoutes(api, store);
  addingRoute(api, store);
  changingRoutes(api, store);
  repairRoute(api, store);
}

function readingRoutes(api: Api, store: UserLinkStore): void {
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
}

function addingRoute(api: Api, store: UserLinkStore): void {
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
}

function changingRoutes(api: Api, store: UserLinkStore): void {
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

function repairRoute(api: Api, store: UserLinkStore): void {
  api.post(
    '/user-links/repair',
    {
      schema: {
        tags,
        operationId: 'user-links-repair',
        summary: 'Repair user links that cannot be read',
        description:
          'Puts the last readable revision of each damaged part in its place; what can be read stays as it is.',
        headers: WriteHeaders,
        response: {
          200: Type.Object({
            chunks: Type.Integer({ description: 'Damaged parts that were replaced.' }),
            links: Type.Integer({ description: 'User links that came back with them.' }),
          }),
          ...problemResponses,
        },
      },
    },
    async (request) => unwrap(await store.repair(writerOf(request.headers))),
  );
}
