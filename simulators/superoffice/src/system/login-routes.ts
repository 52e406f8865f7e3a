// What Online serves on its un-numbered login host, here on the simulator's root: system user login, token refresh,
// signing keys and tenant state. None of it needs a caller.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SystemUserLogin } from '../access/system-user.ts';
import type { Tenant } from '../access/tenant.ts';
import { accessTokenLifeSeconds, type Tokens } from '../access/tokens.ts';
import { errorAnswer, parseBody, send } from '../http/api.ts';
import { type Answer, ok } from '../http/call.ts';
import { SoError } from '../input/error.ts';
import { PropertyNames, readObject, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';

export interface LoginParts {
  readonly server: FastifyInstance;
  readonly contextIdentifier: string;
  readonly database: Database;
  readonly tokens: Tokens;
  readonly systemUser: SystemUserLogin;
  readonly tenant: Tenant;
}

const names = new PropertyNames(['SignedSystemToken', 'ApplicationToken', 'ContextIdentifier', 'ReturnTokenType']);

export function addLoginRoutes(parts: LoginParts): void {
  const { server, contextIdentifier, database, tokens, systemUser, tenant } = parts;
  const add = (method: string, url: string, handler: (request: FastifyRequest) => Answer) => {
    server.route({ method, url, handler: (request, reply) => answer(request, reply, handler) });
  };
  add('GET', `/api/state/${contextIdentifier}`, (request) => ok(tenant.describe(request.host)));
  add('GET', '/login/.well-known/jwks', () => ok(systemUser.jwks()));
  add('POST', '/login/api/PartnerSystemUser/Authenticate', (request) => {
    const body = readObject(names.read(parseBody(request.body)), 'The request');
    const text = (name: string) => readText(body[name], name, 10_000);
    const user = [...database.associates.values()].find((row) => row.type === 'SystemAssociate');
    const login = {
      signedSystemToken: text('SignedSystemToken'),
      applicationToken: text('ApplicationToken'),
      contextIdentifier: text('ContextIdentifier'),
    };
    return ok(systemUser.authenticate(login, user));
  });
  add('POST', '/login/common/oauth/tokens', (request) => refresh(request, tokens));
}

/** The refresh grant. The answer carries no new refresh token: the old one stays good. */
function refresh(request: FastifyRequest, tokens: Tokens): Answer {
  const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
  if (form.get('grant_type') !== 'refresh_token') return { status: 400, body: { error: 'unsupported_grant_type' } };
  const associateId = tokens.useRefreshToken(form.get('refresh_token') ?? '');
  if (associateId === undefined) return { status: 400, body: { error: 'invalid_grant' } };
  return ok({
    access_token: tokens.issueAccessToken(associateId),
    token_type: 'Bearer',
    expires_in: accessTokenLifeSeconds,
  });
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  handler: (request: FastifyRequest) => Answer,
): FastifyReply {
  try {
    return send(reply, handler(request));
  } catch (error) {
    if (error instanceof SoError) return send(reply, errorAnswer(error));
    throw error;
  }
}
