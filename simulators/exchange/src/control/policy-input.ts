// Reads throttling policies and noise from JSON.
import { type NoiseSettings, silence } from '../throttle/noise.ts';
import { defaultPolicy, type ThrottlePolicy } from '../throttle/policy.ts';
import { ControlError } from './control-error.ts';
import {
  asChoice,
  asObject,
  asStrings,
  type JsonObject,
  optionalBetween,
  optionalNumber,
  optionalText,
} from './json-input.ts';

/** Limits, of which null means none; the other numbers have to be given as numbers. */
const nullable = new Set([
  'maxConcurrency',
  'maxConcurrentSyncCalls',
  'hangingConnectionLimit',
  'maxSubscriptions',
  'findCountLimit',
  'filteredFindCountLimit',
]);

/** @throws ControlError for a name that is not in the policy */
export function readPolicy(body: JsonObject): {
  readonly owner: string | undefined;
  readonly policy: Partial<ThrottlePolicy>;
} {
  const policy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name !== 'owner') policy[name] = readPart(name, value);
  }
  return { owner: optionalText(body['owner'], 'owner'), policy: policy as Partial<ThrottlePolicy> };
}

function readPart(name: string, value: unknown): unknown {
  if (!Object.hasOwn(defaultPolicy, name)) throw new ControlError(400, `A policy has no part '${name}'.`);
  if (name === 'busyAnswer') return asChoice(value, name, ['fault', 'message', 'http503', 'html500', 'http401']);
  if (name === 'costMs') {
    return Object.fromEntries(
      Object.entries(asObject(value, name)).map(([key, ms]) => [key, optionalNumber(ms, `costMs.${key}`) ?? 0]),
    );
  }
  if (value === null && nullable.has(name)) return null;
  const number = optionalBetween(value, name, 0, Number.MAX_SAFE_INTEGER);
  if (number === undefined) throw new ControlError(400, `${name} has to be a number from 0 up.`);
  return number;
}

/** @throws ControlError */
export function readNoise(body: JsonObject): NoiseSettings {
  const kinds = asStrings(body['kinds'], 'kinds');
  return {
    probability: optionalNumber(body['probability'], 'probability') ?? silence.probability,
    kinds: kinds.map((kind) => asChoice(kind, 'kinds', ['http503', 'html500', 'http401', 'redirect', 'reset'])),
    seed: optionalNumber(body['seed'], 'seed') ?? silence.seed,
    burst: Math.max(1, optionalNumber(body['burst'], 'burst') ?? silence.burst),
  };
}
