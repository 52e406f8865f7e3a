// Reads fault scripts and latency settings from JSON.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { FaultAction, FaultMatch, FaultScript } from '../faults/fault-scripts.ts';
import type { LatencySettings } from '../observe/latency.ts';
import { ControlError } from './control-error.ts';
import {
  asChoice,
  asObject,
  asText,
  type JsonObject,
  optionalBetween,
  optionalNumber,
  optionalText,
} from './json-input.ts';

/** Longer waits than an hour are nothing that a test would sit through. */
const longestMs = 3_600_000;

/** @throws ControlError */
export function readFaultScript(body: JsonObject): FaultScript {
  const effectDelayMs = optionalBetween(body['effectDelayMs'], 'effectDelayMs', 0, longestMs);
  return {
    match: readMatch(body['match'] === undefined ? {} : asObject(body['match'], 'match')),
    when: asChoice(body['when'] ?? 'before', 'when', ['before', 'after', 'later']),
    action: readAction(asObject(body['action'], 'action')),
    ...(effectDelayMs === undefined ? {} : { effectDelayMs }),
  };
}

function readMatch(match: JsonObject): FaultMatch {
  const mailbox = optionalText(match['mailbox'], 'match.mailbox');
  const account = optionalText(match['account'], 'match.account');
  const operation = optionalText(match['operation'], 'match.operation');
  const skip = optionalNumber(match['skip'], 'match.skip');
  const count = match['count'] === null ? null : optionalNumber(match['count'], 'match.count');
  return {
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(account === undefined ? {} : { account }),
    ...(operation === undefined ? {} : { operation }),
    ...(skip === undefined ? {} : { skip }),
    ...(count === undefined ? {} : { count }),
  };
}

function readAction(action: JsonObject): FaultAction {
  const kind = asChoice(action['kind'], 'action.kind', ['fault', 'message', 'http', 'reset', 'hang', 'delay']);
  if (kind === 'fault' || kind === 'message') {
    const text = optionalText(action['text'], 'action.text');
    const backOffMs = optionalNumber(action['backOffMs'], 'action.backOffMs');
    return {
      kind,
      code: asText(action['code'], 'action.code'),
      ...(text === undefined ? {} : { text }),
      ...(backOffMs === undefined ? {} : { backOffMs }),
    };
  }
  if (kind === 'http') return readHttp(action);
  return kind === 'delay' ? { kind, ms: optionalBetween(action['ms'], 'action.ms', 0, longestMs) ?? 1000 } : { kind };
}

function readHttp(action: JsonObject): FaultAction {
  const headers = asObject(action['headers'] ?? {}, 'action.headers');
  const body = optionalText(action['body'], 'action.body');
  return {
    kind: 'http',
    status: Math.floor(optionalBetween(action['status'], 'action.status', 200, 599) ?? 503),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, readHeader(name, value)])),
    ...(body === undefined ? {} : { body }),
  };
}

/** What cannot be sent is refused here, where the mistake is, and not when a request is met. */
function readHeader(name: string, value: unknown): string {
  const text = asText(value, `action.headers.${name}`);
  try {
    validateHeaderName(name);
    validateHeaderValue(name, text);
  } catch {
    throw new ControlError(400, `'${name}' cannot be sent as a header.`);
  }
  if (/^(content-length|transfer-encoding)$/i.test(name))
    throw new ControlError(400, `'${name}' follows from the body.`);
  return text;
}

/** @throws ControlError */
export function readLatency(body: JsonObject): LatencySettings {
  const baseMs = optionalBetween(body['baseMs'], 'baseMs', 0, longestMs);
  const capacity = optionalNumber(body['capacity'], 'capacity');
  const operations = Object.entries(asObject(body['operations'] ?? {}, 'operations'));
  return {
    ...(baseMs === undefined ? {} : { baseMs }),
    ...(capacity === undefined ? {} : { capacity: Math.max(1, capacity) }),
    operations: Object.fromEntries(
      operations.map(([name, value]) => [name, optionalBetween(value, `operations.${name}`, 0, longestMs) ?? 0]),
    ),
  };
}
