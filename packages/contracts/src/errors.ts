// Every coded error that crosses the bus or leaves by HTTP: one row a failure, with what the caller may do about it.
// docs/reference/errors.md is generated from this table and compared by a test; never make up a code elsewhere.
import { Type } from 'typebox';
import { busErrors } from './errors/bus-errors.ts';
import { exchangeErrors } from './errors/exchange-errors.ts';
import { settingsErrors } from './errors/settings-errors.ts';
import { superofficeErrors } from './errors/superoffice-errors.ts';
import type { Data } from './shape.ts';

export const errorTable = { ...busErrors, ...settingsErrors, ...exchangeErrors, ...superofficeErrors } as const;

export type ErrorCode = keyof typeof errorTable;

/** A failure as it crosses the bus. `message` and `detail` never hold a subject, body, name, address or password. */
export const CodedError = Type.Object({
  code: Type.String(),
  retry: Type.Union([Type.Literal('never'), Type.Literal('later'), Type.Literal('busy')]),
  message: Type.String(),
  field: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  backOffMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type CodedError = Omit<Data<typeof CodedError>, 'code'> & { readonly code: ErrorCode };

export interface CodedErrorExtras {
  readonly field?: string;
  readonly detail?: string;
  readonly backOffMs?: number;
  readonly message?: string;
}

/** Makes the error of a code, with its meaning as the message unless a better one is given. */
export function codedError(code: ErrorCode, extras: CodedErrorExtras = {}): CodedError {
  const { retry, meaning } = errorTable[code];
  return { code, retry, message: meaning, ...extras };
}

/** What a request came to: a value, or a failure that the caller is meant to look at. Expected failures are never thrown. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CodedError };

export const success = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const failure = (code: ErrorCode, extras?: CodedErrorExtras): Outcome<never> => ({
  ok: false,
  error: codedError(code, extras),
});
