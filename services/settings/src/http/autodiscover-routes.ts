// The two buttons of the panel that look for addresses. They change no settings: the panel fills the fields, and saving a new host
// needs the password in the same request. A password that is given here is sealed for the hosts of this request alone.
import {
  type Data,
  exchange,
  exchangePurpose,
  hostAndPort,
  hostsOfAddress,
  type ReplyOf,
  type RequestOf,
  type TechnicalSettings,
} from '@lockstep/contracts';
import { Type } from 'typebox';
import type { Seal } from '../rules/section-change.ts';
import type { SectionStore } from '../store/section-store.ts';
import { clientGone } from './client-gone.ts';
import { problemResponses, refusedField, unwrap } from './problem.ts';
import type { Api } from './types.ts';

export interface AutodiscoverRouteParts {
  readonly store: Pick<SectionStore<TechnicalSettings>, 'read'>;
  readonly seal: Seal;
  readonly ask: (
    request: RequestOf<typeof exchange.autodiscover>,
    signal: AbortSignal,
  ) => Promise<ReplyOf<typeof exchange.autodiscover>>;
}

const common = {
  address: Type.Optional(
    Type.String({
      maxLength: 320,
      description: 'The address of a mailbox; without it the user name of the technical settings, when it is one.',
      'x-allowed': 'an e-mail address',
    }),
  ),
  password: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description:
        'The password of the account, for this request alone. Without it the stored one is used, for the hosts of the settings only.',
      'x-allowed': 'the password (1 to 1024 characters)',
    }),
  ),
  hosts: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9.-]{1,253}:[0-9]{1,5}$', 'x-allowed': 'host:port in lower case' }), {
      maxItems: 15,
      description: 'Hosts (`host:port`) that may receive the password, too: what an answer named in `wantsConsent`.',
      'x-allowed': 'at most 15 of host:port',
    }),
  ),
};
const ByAddress = Type.Object(common, { additionalProperties: false });
const ByUrl = Type.Object(
  {
    url: Type.String({
      pattern: '^https://',
      maxLength: 2048,
      description: 'Where Autodiscover answers.',
      'x-allowed': 'an https address',
    }),
    ...common,
  },
  { additionalProperties: false },
);

export function autodiscoverRoutes(api: Api, parts: AutodiscoverRouteParts): void {
  const schema = {
    tags: ['Operations'],
    response: { 200: exchange.autodiscover.reply, ...problemResponses },
  };
  api.post(
    '/autodiscover/by-address',
    {
      schema: {
        ...schema,
        operationId: 'autodiscover-by-address',
        summary: 'Autodiscover EWS: look for the EWS and OAB address of a mailbox, step by step; changes nothing',
        body: ByAddress,
      },
      // The address of the account is enough.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => reply.send(await run(parts, request.body, clientGone(reply))),
  );
  api.post(
    '/autodiscover/by-url',
    {
      schema: {
        ...schema,
        operationId: 'autodiscover-by-url',
        summary: 'Autodiscover via URL: ask the given address for the OAB address, step by step; changes nothing',
        body: ByUrl,
      },
    },
    async (request, reply) => reply.send(await run(parts, request.body, clientGone(reply))),
  );
}

async function run(
  { store, seal, ask }: AutodiscoverRouteParts,
  wish: Data<typeof ByAddress> & { readonly url?: string },
  signal: AbortSignal,
): Promise<ReplyOf<typeof exchange.autodiscover>> {
  const { settings } = unwrap(await store.read());
  const { url, password } = wish;
  const address = wish.address ?? settings.userName;
  const places = hostsOfAddress(address);
  if (places.length === 0) throw refusedField('address', 'address must be an e-mail address with a full domain');
  const urlHost = url === undefined ? undefined : hostAndPort(url);
  if (url !== undefined && urlHost === undefined) throw refusedField('url', 'url must be an https address');
  const hosts = [...(wish.hosts ?? []), ...(urlHost === undefined ? [] : [urlHost])];
  // Asked at a given address, nothing is to go anywhere else.
  const purpose = { ...exchangePurpose(settings), hosts: url === undefined ? [...places, ...hosts] : hosts };
  const sealed = password === undefined ? {} : { password: unwrap(await seal(password, purpose)) };
  return ask({ address, hosts, ...(url === undefined ? {} : { url }), ...sealed }, signal);
}
