// How a failure leaves by HTTP: always `{code, message, field?, retry, advice}`, never a stack or a received value.
import { type CodedError, codedError, type ErrorCode, errorTable, type Outcome } from '@lockstep/contracts';
import { Type } from 'typebox';

/** The body of every answer that is not a success. */
export const Problem = Type.Object(
  {
    code: Type.String({ description: 'What happened, in one word of docs/reference/errors.md.' }),
    message: Type.String({ description: 'The same for people; with `field`, what is allowed there.' }),
    field: Type.Optional(Type.String({ description: 'The field, parameter or header that is refused.' })),
    detail: Type.Optional(Type.String({ description: 'What the other system said, when it said something.' })),
    retry: Type.Enum(['never', 'later', 'busy'], {
      description: 'Whether the same request may succeed: never, later, or after `backOffMs`.',
    }),
    backOffMs: Type.Optional(Type.Integer({ minimum: 0, description: 'How long to wait, in milliseconds.' })),
    advice: Type.String({ description: 'What to do about it.' }),
  },
  {
    $id: 'Problem',
    description: 'The request was not carried out.',
    examples: [
      {
        code: 'request-invalid',
        message: 'concurrentRequestLimit must be a whole number from 0 to 1000',
        field: 'concurrentRequestLimit',
        retry: 'never',
        advice: 'Correct the field.',
      },
    ],
  },
);

const problem = Type.Ref('Problem');

/** The answers that every route may give beside its own. */
export const problemResponses = { '4xx': problem, '5xx': problem } as const;

/** A coded error on its way through Fastify to the one error handler. */
export class Refusal extends Error {
  readonly error: CodedError;
  constructor(error: CodedError) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }
}

/** The value of an outcome; a failure goes on to the error handler. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Refusal(outcome.error);
  return outcome.value;
}

export const refusedField = (field: string, message: string): Refusal =>
  new Refusal(codedError('request-invalid', { field, message }));

export const problemOf = (error: CodedError) => ({ ...error, advice: errorTable[error.code].advice });

const statuses: Partial<Record<ErrorCode, number>> = {
  'request-invalid': 400,
  unauthorized: 401,
  'not-found': 404,
  'settings-not-found': 404,
  'mailbox-not-linked': 404,
  'exchange-not-configured': 409,
  'superoffice-not-configured': 409,
  'credential-missing': 409,
  'settings-conflict': 412,
  'message-too-large': 413,
  'internal-error': 500,
  'stored-record-damaged': 500,
  'stored-record-newer': 500,
  'service-busy': 503,
  'service-missing': 503,
  'service-stopping': 503,
  'bus-unavailable': 503,
  'not-owner': 503,
  'governor-lapsed': 503,
  'sealing-key-missing': 503,
  'deadline-passed': 504,
  'exchange-timeout': 504,
  'superoffice-timeout': 504,
};

/** The HTTP status of a code: its own, else 503 for what is busy and 502 for what another system refused. */
export function statusOf({ code, retry }: CodedError): number {
  return statuses[code] ?? (retry === 'busy' ? 503 : 502);
}
