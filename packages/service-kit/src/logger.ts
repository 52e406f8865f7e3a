// One JSON line an event, without anything personal: fields that could hold it are cut out by name, and of an error only
// what its code wrote. The message of a failed JSON.parse, for example, quotes the text that it could not read.
import { type DestinationStream, type Logger, pino } from 'pino';
import { logOutput } from './log-output.ts';

const standardOutput = 1;
const secretFields = ['password', 'secret', 'token', 'authorization', 'cookie', 'jwe'];
const personalFields = ['address', 'email', 'fullName', 'userName', 'title', 'location', 'text', 'content', 'body'];
const hidden = [...secretFields, ...personalFields];

export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

export function createLogger({ service, instance, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service, instance },
    redact: { paths: hidden.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[hidden]' },
    serializers: { err: errorFields },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, destination ?? logOutput(standardOutput));
}

/** Errors whose message is written by code, not by data. */
const ownMessages = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'BusError',
  'StorageDiffers',
  'UnreadableRecord',
]);
/** An error's causes are followed this far. */
const deepestCause = 3;

interface ErrorFields {
  readonly type: string;
  readonly message?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly frames?: readonly string[];
  readonly cause?: ErrorFields;
}

/** Type, code and stack frames of an error; its message only where that cannot hold data. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  const coded = 'error' in error ? (error.error as { code?: unknown; detail?: unknown } | undefined) : undefined;
  const shownCode = coded?.code ?? code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(ownMessages.has(error.name) ? { message: error.message } : {}),
    ...(typeof shownCode === 'string' ? { code: shownCode } : {}),
    ...(typeof coded?.detail === 'string' ? { detail: coded.detail } : {}),
    frames: frames.slice(0, 12).map((line) => line.trim()),
    ...(error.cause !== undefined && depth < deepestCause ? { cause: errorFields(error.cause, depth + 1) } : {}),
  };
}
