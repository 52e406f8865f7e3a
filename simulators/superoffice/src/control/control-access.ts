// The control calls for logins and the tenant: approve an application, hand out tickets and tokens, end them, move the
// tenant to another host or state.

import type { SystemUserLogin } from '../access/system-user.ts';
import { type Tenant, tenantStates } from '../access/tenant.ts';
import { accessTokenLifeSeconds, type Tokens } from '../access/tokens.ts';
import { type Answer, noContent, ok } from '../http/call.ts';
import { badArgument } from '../input/error.ts';
import { type Json, readInteger, readText } from '../input/json-input.ts';
import type { ControlAppointments } from './control-appointments.ts';

export interface AccessParts {
  readonly tokens: Tokens;
  readonly systemUser: SystemUserLogin;
  readonly tenant: Tenant;
}

export function addControlAccess(
  add: (method: string, path: string, handler: (body: Json) => Answer) => void,
  { tokens, systemUser, tenant }: AccessParts,
  appointments: ControlAppointments,
): void {
  add('POST', '/applications', (body) => {
    const text = (name: string) => {
      const value = readText(body[name], name, 10_000);
      if (value === '') throw badArgument(`${name} is missing`);
      return value;
    };
    const application = {
      applicationToken: text('applicationToken'),
      systemToken: text('systemToken'),
      publicKey: text('publicKey'),
    };
    if (!systemUser.approve(application)) throw badArgument('There are too many applications');
    return noContent;
  });
  add('POST', '/tokens', (body) => {
    const id = appointments.associate(body['associate']).associate_id;
    return ok({
      ticket: tokens.issueTicket(id),
      accessToken: tokens.issueAccessToken(id),
      refreshToken: tokens.issueRefreshToken(id),
      expiresIn: accessTokenLifeSeconds,
    });
  });
  add('POST', '/tokens/expire', () => {
    tokens.expireAll();
    return noContent;
  });
  add('POST', '/tenant', (body) => {
    const state = tenantStates.find((name) => name === body['state']);
    if (body['state'] !== undefined && state === undefined) throw badArgument('state is unknown');
    if (state !== undefined) tenant.state = state;
    if (body['host'] !== undefined) tenant.host = readText(body['host'], 'host', 255) || undefined;
    if (body['validForMs'] !== undefined) tenant.validForMs = readInteger(body['validForMs'], 'validForMs');
    return ok({ state: tenant.state, host: tenant.host ?? null, validForMs: tenant.validForMs });
  });
}
