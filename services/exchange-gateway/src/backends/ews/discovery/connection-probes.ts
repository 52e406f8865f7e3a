// The steps of the connection test that are no calls of EWS, and so need no token of the governor: below HTTP, and the offline address
// book, which lies in a directory of its own on the web server.
import { failure, type Outcome, success, type TechnicalSettings } from '@lockstep/contracts';
import { probeOf } from '../../../http/probe.ts';
import type { Transport } from '../../../http/transport.ts';
import { TransportError } from '../../../http/transport-error.ts';
import { transportFailure } from '../calls/ews-errors.ts';
import { passwordAccess, routeOf } from '../credentials/access.ts';

export interface ConnectionProbes {
  probeName(): Promise<Outcome<string>>;
  probePort(): Promise<Outcome<string>>;
  probeWay(): Promise<Outcome<string>>;
  /** The manifest of the offline address book. */
  probeAddressBook(signal: AbortSignal): Promise<Outcome<string>>;
}

export interface ConnectionProbesParts {
  readonly technical: () => TechnicalSettings;
  readonly keyFile: string | undefined;
  readonly transport: Pick<Transport, 'post'>;
  readonly timeoutMs: number;
}

export function connectionProbes(parts: ConnectionProbesParts): ConnectionProbes {
  const { technical, keyFile, timeoutMs } = parts;
  const probe = async () => {
    const settings = technical();
    if (!URL.canParse(settings.ewsUrl)) return failure('exchange-not-configured', { field: 'ewsUrl' });
    const route = await routeOf(settings, keyFile);
    return route.ok ? success(probeOf(new URL(settings.ewsUrl), route.value, timeoutMs)) : route;
  };
  return {
    probeName: async () => {
      const made = await probe();
      return made.ok ? tried(async () => (await made.value.name()).join(', ')) : made;
    },
    probePort: async () => {
      const made = await probe();
      return made.ok ? tried(async () => void (await made.value.port())) : made;
    },
    probeWay: async () => {
      const made = await probe();
      return made.ok ? tried(async () => void (await made.value.way())) : made;
    },
    probeAddressBook: (signal) => addressBook(parts, signal),
  };
}

async function addressBook(
  { technical, keyFile, transport, timeoutMs }: ConnectionProbesParts,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const settings = technical();
  const base = settings.oabUrl.endsWith('/') ? settings.oabUrl : `${settings.oabUrl}/`;
  if (!URL.canParse(base) || settings.password === undefined)
    return failure('exchange-not-configured', { field: 'oabUrl' });
  const url = new URL('oab.xml', base);
  const access = await passwordAccess(settings, settings.password, url, keyFile);
  if (!access.ok) return access;
  const { via, authorization } = access.value;
  const headers = { Accept: '*/*', ...(authorization === undefined ? {} : { Authorization: authorization }) };
  return tried(async () => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const asked = { method: 'GET', url, via, headers, body: '', purpose: 'write', signal: limited } as const;
    const { status } = await transport.post({ ...asked, timeoutMs, mayStart: () => true });
    if (status === 200) return undefined;
    if (status === 401) return failure('exchange-unauthorized', { detail: 'HTTP 401' });
    return failure('exchange-configuration', { detail: `HTTP ${status}` });
  });
}

/** What a transport says, as an outcome; the value is a remark for people, or empty. */
async function tried(attempt: () => Promise<string | Outcome<never> | undefined>): Promise<Outcome<string>> {
  try {
    const said = await attempt();
    return typeof said === 'object' ? said : success(said ?? '');
  } catch (error) {
    if (error instanceof TransportError) return { ok: false, error: transportFailure(error, 0).error };
    throw error;
  }
}
