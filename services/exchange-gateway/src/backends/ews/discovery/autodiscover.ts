// Autodiscover with the settings as they are: what may be asked, as whom, over our own transport. It needs no token of the governor:
// Autodiscover is a service of its own beside EWS with its own budget, and one person's click asks it at most `maxQuestions` times.
import {
  type exchange,
  failure,
  hostAndPort,
  hostsOfAddress,
  type Outcome,
  type ReplyOf,
  type RequestOf,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import type { Transport } from '../../../http/transport.ts';
import { TransportError } from '../../../http/transport-error.ts';
import { transportFailure } from '../calls/ews-errors.ts';
import { passwordAccess, routeOf } from '../credentials/access.ts';
import { discover, type Heard, type Question } from './discover.ts';

export interface AutodiscoverParts {
  readonly technical: () => TechnicalSettings;
  readonly keyFile: string | undefined;
  readonly transport: Pick<Transport, 'post'>;
  readonly monotonic: () => number;
  readonly maxQuestions: number;
  /** For one question. */
  readonly timeoutMs: number;
}

export interface Bounds {
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

/** Fails with `request-invalid` and the field; that nothing is found is a result. */
export async function autodiscover(
  parts: AutodiscoverParts,
  { address, url, hosts, password }: RequestOf<typeof exchange.autodiscover>,
  bounds: Bounds,
): Promise<Outcome<ReplyOf<typeof exchange.autodiscover>>> {
  const settings = parts.technical();
  if (hostsOfAddress(address).length === 0) return failure('request-invalid', { field: 'address' });
  if (url !== undefined && !(URL.canParse(url) && new URL(url).protocol === 'https:')) {
    return failure('request-invalid', { field: 'url', detail: 'https is required: http would show the secret' });
  }
  const known = [settings.ewsUrl, settings.oabUrl, settings.autodiscoverUrl].flatMap((each) => hostAndPort(each) ?? []);
  const secret = password ?? settings.password;
  const ask = (question: Question) => askOne(parts, { ...settings, password: secret }, question, bounds);
  const found = await discover(
    {
      ask,
      monotonic: parts.monotonic,
      remainingMs: bounds.remainingMs,
      maxQuestions: parts.maxQuestions,
      // A token of an application is for one host of EWS; hosted Exchange answers JSON without any.
      signsIn: settings.authentication !== 'oauth' && secret !== undefined,
    },
    { address, ...(url === undefined ? {} : { url: new URL(url) }), hosts: [...known, ...hosts] },
  );
  return success(found);
}

async function askOne(
  { transport, keyFile, timeoutMs }: AutodiscoverParts,
  settings: Omit<TechnicalSettings, 'password'> & { readonly password: TechnicalSettings['password'] | undefined },
  { url, method, body, signedIn }: Question,
  { remainingMs, signal }: Bounds,
): Promise<Heard> {
  const { password, ...rest } = settings;
  const route = await routeOf(rest, keyFile);
  if (!route.ok) return failed(route.error);
  let access: { readonly via: { readonly route: typeof route.value }; readonly authorization: string | undefined } = {
    via: { route: route.value },
    authorization: undefined,
  };
  if (signedIn) {
    if (password === undefined) return { kind: 'refused-host' };
    const opened = await passwordAccess(rest, password, url, keyFile);
    if (!opened.ok)
      return opened.error.code === 'credential-host-mismatch' ? { kind: 'refused-host' } : failed(opened.error);
    access = opened.value;
  }
  const { via, authorization } = access;
  const patienceMs = Math.max(1, Math.min(timeoutMs, remainingMs()));
  try {
    const { status, headers, text } = await transport.post({
      method,
      url,
      via,
      headers: { Accept: '*/*', ...(authorization === undefined ? {} : { Authorization: authorization }) },
      body,
      // Never on a connection that may be dead: a question is not asked twice.
      purpose: 'write',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      timeoutMs: patienceMs,
      mayStart: () => true,
    });
    const location = headers.location;
    return { kind: 'answered', status, text, ...(location === undefined ? {} : { location }) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return failed(transportFailure(error, 0).error);
  }
}

function failed({ code, detail }: { readonly code: string; readonly detail?: string }): Heard {
  return { kind: 'failed', code, ...(detail === undefined ? {} : { detail }) };
}
