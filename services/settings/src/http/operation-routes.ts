// What the panel asks of the other services: test the connection, list associates, sync now, explain, history, governor.
// Each is one request over the bus; nothing is decided here.
import type { Bus } from '@lockstep/bus';
import {
  codedError,
  type Data,
  exchange,
  governor,
  Instant,
  MailboxKey,
  type Operation,
  partitionOf,
  superoffice,
  sync,
} from '@lockstep/contracts';
import { type TSchema, Type } from 'typebox';
import { operationDeadlineMs as deadlineMs, connectionTestDeadlineMs as testDeadlineMs } from '../config.ts';
import type { GovernorWatch } from '../governor-watch.ts';
import { type AutodiscoverRouteParts, autodiscoverRoutes } from './autodiscover-routes.ts';
import { clientGone } from './client-gone.ts';
import { problemResponses, Refusal, unwrap } from './problem.ts';
import type { Api } from './types.ts';
import { MailboxParams } from './user-link-schemas.ts';

const tags = ['Operations'];

export interface Operations {
  readonly bus: Bus;
  readonly governor: GovernorWatch;
  readonly correlationId: () => string;
  readonly isLinked: (mailbox: MailboxKey) => Promise<boolean>;
}

type Ask = <Q extends TSchema, R extends TSchema>(
  operation: Operation<Q, R>,
  body: Data<Q>,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal; readonly mailbox?: MailboxKey },
) => Promise<Data<R>>;

export function operationRoutes(
  api: Api,
  operations: Operations,
  technical: Omit<AutodiscoverRouteParts, 'ask'>,
): void {
  const ask: Ask = async (operation, body, { mailbox, ...options }) => {
    const tokens = mailbox === undefined ? {} : { tokens: [String(partitionOf(mailbox)), mailbox] };
    const context = { correlationId: operations.correlationId(), ...options, ...tokens };
    return unwrap(await operations.bus.request(operation, body, context));
  };
  connectionRoutes(api, ask);
  autodiscoverRoutes(api, {
    ...technical,
    ask: (request, signal) => ask(exchange.autodiscover, request, { deadlineMs: testDeadlineMs, signal }),
  });
  const ofLinked = ofLinkedBy(operations);
  mailboxCommandRoutes(api, ofLinked, ask);
  mailboxInsightRoutes(api, operations, ofLinked, ask);
  governorRoute(api, operations.governor);
}

const TestRequest = Type.Object(
  {
    mailbox: Type.Optional(
      Type.With(MailboxKey, {
        description: 'Test with this linked mailbox; without it, with the first one.',
        'x-allowed': 'a mailbox key: 16 of the characters a-z and 2-7',
      }),
    ),
  },
  { additionalProperties: false },
);

const AssociatesQuery = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: 'The last associate id of the page before.' }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Associates on a page.' }),
    ),
  },
  { additionalProperties: false },
);

function connectionRoutes(api: Api, ask: Ask): void {
  api.post(
    '/test-connection',
    {
      schema: {
        tags,
        operationId: 'test-connection',
        summary: 'Test Connection: try the stored technical settings against Exchange, step by step',
        body: TestRequest,
        response: { 200: exchange.testConnection.reply, ...problemResponses },
      },
      // A test of the server needs no body.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => {
      const options = { deadlineMs: testDeadlineMs, signal: clientGone(reply) };
      return reply.send(await ask(exchange.testConnection, request.body, options));
    },
  );

  api.get(
    '/associates',
    {
      schema: {
        tags,
        operationId: 'associates-list',
        summary: 'List the SuperOffice associates who can be linked, by ascending id',
        querystring: AssociatesQuery,
        response: { 200: superoffice.listAssociates.reply, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { after = 0, limit = 100 } = request.query;
      const body = { afterAssociateId: after, maxItems: limit };
      return reply.send(await ask(superoffice.listAssociates, body, { deadlineMs, signal: request.signal }));
    },
  );
}

const HistoryQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'At most so many.' })) },
  { additionalProperties: false },
);

/** The key of a mailbox that is linked; refuses any other. */
type OfLinked = (mailbox: MailboxKey) => Promise<MailboxKey>;

function ofLinkedBy(operations: Operations): OfLinked {
  return async (mailbox) => {
    if (!(await operations.isLinked(mailbox)))
      throw new Refusal(codedError('mailbox-not-linked', { field: 'mailbox' }));
    return mailbox;
  };
}

function mailboxCommandRoutes(api: Api, ofLinked: OfLinked, ask: Ask): void {
  api.post(
    '/mailboxes/:mailbox/sync-now',
    {
      schema: {
        tags,
        operationId: 'sync-now',
        summary: 'Compare this mailbox with SuperOffice in full now',
        params: MailboxParams,
        response: { 202: sync.syncNow.reply, ...problemResponses },
      },
    },
    async (request, reply) => {
      const mailbox = await ofLinked(request.params.mailbox);
      const answer = await ask(sync.syncNow, {}, { deadlineMs, signal: request.signal, mailbox });
      return reply.code(202).send(answer);
    },
  );

  api.post(
    '/mailboxes/:mailbox/release-deletes',
    {
      schema: {
        tags,
        operationId: 'release-deletes',
        summary: 'Let the deletes go that the delete brake holds back in this mailbox',
        description:
          'More deletes than usual within ten minutes wait for an administrator. Each is proved once more before it is carried out.',
        params: MailboxParams,
        response: { 200: sync.releaseDeletes.reply, ...problemResponses },
      },
    },
    async (request, reply) => {
      const mailbox = await ofLinked(request.params.mailbox);
      return reply.send(await ask(sync.releaseDeletes, {}, { deadlineMs, signal: request.signal, mailbox }));
    },
  );

  api.post(
    '/mailboxes/:mailbox/rebuild',
    {
      schema: {
        tags,
        operationId: 'rebuild',
        summary: 'Rebuild what is stored of this mailbox, when a record of it is damaged',
        description:
          'What is damaged begins empty, what can be read stays, and a full compare makes the lost links again from the stamps on both sides. Nothing is deleted or made twice.',
        params: MailboxParams,
        response: { 202: sync.rebuild.reply, ...problemResponses },
      },
    },
    async (request, reply) => {
      const mailbox = await ofLinked(request.params.mailbox);
      return reply.code(202).send(await ask(sync.rebuild, {}, { deadlineMs, signal: request.signal, mailbox }));
    },
  );
}

function mailboxInsightRoutes(api: Api, operations: Operations, ofLinked: OfLinked, ask: Ask): void {
  api.get(
    '/mailboxes/:mailbox/explain',
    {
      schema: {
        tags,
        operationId: 'explain',
        summary: 'Show what the sync engine knows of this mailbox',
        params: MailboxParams,
        response: { 200: sync.explain.reply, ...problemResponses },
      },
    },
    async (request, reply) => {
      const mailbox = await ofLinked(request.params.mailbox);
      return reply.send(await ask(sync.explain, {}, { deadlineMs, signal: request.signal, mailbox }));
    },
  );

  api.get(
    '/mailboxes/:mailbox/history',
    {
      schema: {
        tags,
        operationId: 'history',
        summary: 'Show the latest decisions of the sync engine for this mailbox, newest first',
        description: 'The history of a mailbox can be read after its user was unlinked.',
        params: MailboxParams,
        querystring: HistoryQuery,
        response: { 200: Type.Object({ records: Type.Array(sync.HistoryRecord) }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const subject = sync.historySubject(request.params.mailbox);
      const newestLast = await operations.bus.readLast(sync.historyMessage, subject, request.query.limit ?? 50);
      return reply.send({ records: newestLast.toReversed() });
    },
  );
}

function governorRoute(api: Api, watch: GovernorWatch): void {
  api.get(
    '/governor',
    {
      schema: {
        tags,
        operationId: 'governor',
        summary: 'Show the throttle-governor as last heard: limit, requests in flight and waiting, pauses',
        response: {
          200: Type.Object({ heardAt: Instant, state: governor.governorState.message }),
          ...problemResponses,
        },
      },
    },
    async (_, reply) => {
      const heard = watch.heard();
      if (heard === undefined) throw new Refusal(codedError('service-missing'));
      return reply.send({ heardAt: new Date(heard.heardAt).toISOString(), state: heard.state });
    },
  );
}
