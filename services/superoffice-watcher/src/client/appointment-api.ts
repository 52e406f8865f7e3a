// The resource /Appointment, behind which lie appointments and to-dos: plain rows only. Series and meetings need agent calls with an explicit update mode.
// Source: reference of the REST API, "Appointment", "Concurrency, PATCH, delete".
import { failure, type Outcome, success } from '@lockstep/contracts';
import { type AppointmentEntity, appointmentEntity, appointmentTemplate } from './entities.ts';
import { parseBody, type SuperOfficeAnswer, type SuperOfficeCall, type SuperOfficeHttp } from './http.ts';

export type Found =
  | { readonly kind: 'found'; readonly entity: AppointmentEntity; readonly serverNow: number | undefined }
  | { readonly kind: 'missing' };

export type Patched =
  | { readonly kind: 'written'; readonly entity: AppointmentEntity }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'missing' };

/** One operation of a JSON Patch (RFC 6902); SuperOffice knows no `move` and no `copy`. */
export interface PatchOperation {
  readonly op: 'test' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

export type Deleted = { readonly kind: 'deleted' | 'conflict' | 'missing' };

export class AppointmentApi {
  readonly #http: SuperOfficeHttp;

  constructor(http: SuperOfficeHttp) {
    this.#http = http;
  }

  /** @param foreignKeys whether `ExtraFields` shows foreign keys as `app.device.key` */
  async get(id: number, foreignKeys: boolean, signal: AbortSignal): Promise<Outcome<Found>> {
    const call: SuperOfficeCall = {
      name: 'get-appointment',
      method: 'GET',
      path: `/Appointment/${id}`,
      ...(foreignKeys ? { query: { fk: 'true' } } : {}),
      repeatable: true,
    };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    if (sent.value.status === 404) return success({ kind: 'missing' });
    const entity = entityOf(call, sent.value);
    return entity.ok ? success({ kind: 'found', entity: entity.value, serverNow: sent.value.serverNow }) : entity;
  }

  /**
   * The template that every create starts from: it carries the preferences' defaults, or those of a follow-up type
   * (TaskType) for an associate.
   */
  async template(
    type: string | undefined,
    associateId: number,
    signal: AbortSignal,
  ): Promise<Outcome<Readonly<Record<string, unknown>>>> {
    const common = { name: 'get-appointment-template', repeatable: true };
    const call: SuperOfficeCall =
      type === undefined
        ? { ...common, method: 'GET', path: '/Appointment/default' }
        : {
            ...common,
            method: 'POST',
            path: '/Agents/Appointment/CreateDefaultAppointmentEntityByTypeAndAssociate',
            body: { Type: type, AssociateId: associateId },
          };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    return parseBody(appointmentTemplate, call, sent.value.body);
  }

  /** Not repeatable: an answer that is lost leaves `superoffice-unknown-outcome`. */
  async create(entity: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Outcome<AppointmentEntity>> {
    const call: SuperOfficeCall = {
      name: 'create-appointment',
      method: 'POST',
      path: '/Appointment',
      body: entity,
      repeatable: false,
    };
    const sent = await this.#http.send(call, signal);
    return sent.ok ? entityOf(call, sent.value) : sent;
  }

  /** 409 is a failed `test` operation, 412 a later change than `unmodifiedSince`: both are a conflict. */
  async patch(
    id: number,
    operations: readonly PatchOperation[],
    unmodifiedSince: string,
    signal: AbortSignal,
  ): Promise<Outcome<Patched>> {
    const call: SuperOfficeCall = {
      name: 'patch-appointment',
      method: 'PATCH',
      path: `/Appointment/${id}`,
      body: operations,
      contentType: 'application/json-patch+json',
      headers: { 'if-unmodified-since': unmodifiedSince },
      repeatable: false,
    };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    const { status } = sent.value;
    if (status === 404) return success({ kind: 'missing' });
    if (status === 409 || status === 412) return success({ kind: 'conflict' });
    const entity = entityOf(call, sent.value);
    return entity.ok ? success({ kind: 'written', entity: entity.value }) : entity;
  }

  async delete(id: number, unmodifiedSince: string, signal: AbortSignal): Promise<Outcome<Deleted>> {
    const sent = await this.#http.send(
      {
        name: 'delete-appointment',
        method: 'DELETE',
        path: `/Appointment/${id}`,
        headers: { 'if-unmodified-since': unmodifiedSince },
        repeatable: true,
      },
      signal,
    );
    if (!sent.ok) return sent;
    const { status } = sent.value;
    if (status === 404) return success({ kind: 'missing' });
    return success({ kind: status === 409 || status === 412 ? 'conflict' : 'deleted' });
  }
}

function entityOf(call: SuperOfficeCall, answer: SuperOfficeAnswer): Outcome<AppointmentEntity> {
  if (answer.status >= 400) return failure('superoffice-refused', { detail: `HTTP ${answer.status}` });
  return parseBody(appointmentEntity, call, answer.body);
}
