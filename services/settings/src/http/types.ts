// How Fastify learns types from schemas: as the contracts do it, readonly all the way down. (The published type provider
// for TypeBox gives mutable types, to which data from the bus and the bucket cannot be assigned.)
import type { Data } from '@lockstep/contracts';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TSchema } from 'typebox';

export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Data<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Data<this['schema']> : unknown;
}

/** The server as routes see it. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>;
