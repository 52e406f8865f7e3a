// Reads fault scripts and latency settings from JSON.
import type { FaultAction, FaultMatch, FaultScript } from '../faults/fault-scripts.ts';
import type { LatencySettings } from '../observe/latency.ts';
import { asChoice, asObject, asText, type JsonObject, optionalNumber, optionalText } from './json-input.ts';

/** @throws ControlError */
export function readFaultScript(body: JsonObject): FaultScript {
  const effectDelayMs = optionalNumber(body['effectDelayMs'], 'effectDelayMs');
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
  return kind === 'delay' ? { kind, ms: optionalNumber(action['ms'], 'action.ms') ?? 1000 } : { kind };
}

function readHttp(action: JsonObject): FaultAction {
  const headers = asObject(action['headers'] ?? {}, 'action.headers');
  const body = optionalText(action['body'], 'action.body');
  return {
    kind: 'http',
    status: optionalNumber(action['status'], 'action.status') ?? 503,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, asText(value, `action.headers.${name}`)]),
    ),
    ...(body === undefined ? {} : { body }),
  };
}

/** @throws ControlError */
export function readLatency(body: JsonObject): LatencySettings {
  const baseMs = optionalNumber(body['baseMs'], 'baseMs');
  const capacity = optionalNumber(body['capacity'], 'capacity');
  const operations = Object.entries(asObject(body['operations'] ?? {}, 'operations'));
  return {
    ...(baseMs === undefined ? {} : { baseMs }),
    ...(capacity === undefined ? {} : { capacity: Math.max(1, capacity) }),
    operations: Object.fromEntries(
      operations.map(([name, value]) => [name, optionalNumber(value, `operations.${name}`) ?? 0]),
    ),
  };
}
