// One delivery of SuperOffice, from raw bytes to an HTTP status. 200 is said only when the stream has the change: after it
// SuperOffice forgets the event. Its content is a hint at most; what counts is the row as it is read now.
import type { CodedError, ErrorCode } from '@lockstep/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { OneAtATime } from '../changes/one-at-a-time.ts';
import type { Resolution, Resolver } from '../changes/resolver.ts';
import type { EventIds } from './event-ids.ts';
import { signatureMatches } from './signature.ts';

const Event = Compile(
  Type.Object({
    EventId: Type.String({ minLength: 1, maxLength: 100 }),
    Event: Type.String(),
    PrimaryKey: Type.Integer(),
  }),
);

/** The events that we ask for. They fire for documents and tasks as well: those live in the same table. */
export const activityEvents = ['activity.created', 'activity.changed', 'activity.deleted'] as const;
const wanted: ReadonlySet<string> = new Set(activityEvents);

export interface RawDelivery {
  readonly tenant: string;
  readonly body: Uint8Array;
  readonly signature: string | undefined;
  /** `X-Hook-Test`: SuperOffice tries the address before it saves a webhook. */
  readonly isTest: boolean;
}

export type DeliveryResult =
  | { readonly status: 200; readonly what: Resolution | 'test' | 'repeated' | 'ignored' | 'unreadable-row' }
  | { readonly status: 400 | 401; readonly what: 'unreadable' | 'unsigned' }
  | { readonly status: 503; readonly what: ErrorCode };

export interface DeliveriesOptions {
  readonly secretOf: (tenant: string) => string;
  readonly resolver: Resolver;
  readonly rows: OneAtATime<Resolution>;
  readonly eventIds: EventIds;
  readonly correlationId: () => string;
  /** Whether NATS is there at all: without it the answer need not wait. */
  readonly connected: () => boolean;
  /** For everything until the answer: SuperOffice's patience is not documented. */
  readonly timeLimitMs: number;
}

/** Rows that no repetition makes readable; the poll names them to the engine. */
const unreadableRow = new Set<ErrorCode>(['superoffice-reply-unreadable', 'superoffice-refused']);

export class Deliveries {
  readonly #options: DeliveriesOptions;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  async receive(delivery: RawDelivery): Promise<DeliveryResult> {
    const signed = signatureMatches(this.#options.secretOf(delivery.tenant), delivery.body, delivery.signature);
    const unsignedTest = delivery.isTest && delivery.signature === undefined;
    if (!signed && !unsignedTest) return { status: 401, what: 'unsigned' };
    const event = parse(delivery.body);
    if (event === undefined) return { status: 400, what: 'unreadable' };
    if (event.Event === 'test') return { status: 200, what: 'test' };
    // Only a test may come without a signature: it does nothing.
    if (!signed) return { status: 401, what: 'unsigned' };
    if (!wanted.has(event.Event) || event.PrimaryKey <= 0) return { status: 200, what: 'ignored' };
    if (this.#options.eventIds.has(event.EventId)) return { status: 200, what: 'repeated' };
    if (!this.#options.connected()) return { status: 503, what: 'bus-unavailable' };
    return this.#resolve(event.PrimaryKey, event.EventId, event.Event === 'activity.deleted');
  }

  async #resolve(id: number, eventId: string, isNamedDelete: boolean): Promise<DeliveryResult> {
    const { rows, resolver, correlationId, timeLimitMs, eventIds } = this.#options;
    const outcome = await rows.run(id, () =>
      resolver.resolve(id, {
        correlationId: correlationId(),
        changeClass: 'now',
        force: false,
        isNamedDelete,
        signal: AbortSignal.timeout(timeLimitMs),
      }),
    );
    if (!outcome.ok) return failed(outcome.error);
    eventIds.add(eventId);
    return { status: 200, what: outcome.value };
  }
}

function failed(error: CodedError): DeliveryResult {
  if (unreadableRow.has(error.code)) return { status: 200, what: 'unreadable-row' };
  return { status: 503, what: error.code };
}

function parse(body: Uint8Array) {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return Event.Check(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: the answer says so.
    return undefined;
  }
}
