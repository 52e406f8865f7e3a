// Fills a new trial system: the sample people in both simulators, the technical settings, and their four links.
// It speaks to the simulators' control APIs and to the settings API, as an administrator's script would.
import { samplePassword, samplePeople, sampleZone, synchronizer } from './sample-people.ts';
import type { System } from './system.ts';

interface Page {
  readonly userLinks: readonly { readonly address: string }[];
  /** The `after` of the next page. */
  readonly next?: string;
}
/** The most that the API gives at once. */
const pageLimit = 500;

/** Does what is missing; what an administrator changed since stays as it is. */
export async function provision(system: System): Promise<void> {
  await seedExchange(system);
  const associates = await seedSuperOffice(system);
  const api = settingsApi(system);
  const technical = await api<{ ewsUrl: string }>('GET', '/settings/technical');
  if (technical.ewsUrl === '') await api('PATCH', '/settings/technical', technicalSettings(system));
  const superoffice = await api<{ baseUrl: string }>('GET', '/settings/superoffice');
  if (superoffice.baseUrl === '') await api('PATCH', '/settings/superoffice', superofficeSettings(system));
  const linked = await linkedAddresses(api);
  for (const person of samplePeople) {
    const associateId = associates.get(person.login);
    if (linked.has(person.address) || associateId === undefined) continue;
    await api('POST', '/user-links', { address: person.address, associateId, zone: sampleZone });
  }
}

/** In lower case, page by page. */
async function linkedAddresses(api: ReturnType<typeof settingsApi>): Promise<ReadonlySet<string>> {
  const linked = new Set<string>();
  let after = '';
  do {
    const page = await api<Page>('GET', `/user-links?limit=${pageLimit}${after === '' ? '' : `&after=${after}`}`);
    for (const { address } of page.userLinks) linked.add(address.toLowerCase());
    after = page.next ?? '';
  } while (after !== '');
  return linked;
}

/** A caller of the settings API with the administrator token. Throws when the answer is not a success. */
export function settingsApi(system: System) {
  return async <T>(method: string, route: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> => {
    const authorization = `Bearer ${system.secrets.adminToken}`;
    return call<T>(method, `${system.serviceUrl('settings')}/api/v1${route}`, body, { authorization, ...headers });
  };
}

/** One JSON call. Throws with the answer when it is not a success. */
export async function call<T>(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 1_000)}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function seedExchange(system: System): Promise<void> {
  const url = system.simulatorUrl('exchange');
  const mailboxes = await call<{ address: string }[]>('GET', `${url}/control/mailboxes`);
  if (mailboxes.length > 0) return;
  await call('POST', `${url}/control/seed`, {
    mailboxes: samplePeople.map(({ address, fullName }) => ({
      address,
      displayName: fullName,
      password: samplePassword,
      timeZone: sampleZone,
    })),
    accounts: [{ address: synchronizer.address, password: samplePassword, impersonation: true }],
  });
}

async function seedSuperOffice(system: System): Promise<ReadonlyMap<string, number>> {
  const url = system.simulatorUrl('superoffice');
  const read = () => call<{ id: number; login: string }[]>('GET', `${url}/control/associates`);
  const known = new Set((await read()).map((associate) => associate.login));
  const people = samplePeople.filter((person) => !known.has(person.login));
  if (people.length > 0) {
    await call('POST', `${url}/control/seed`, {
      associates: people.map(({ login, address, fullName }) => ({
        login,
        email: address,
        fullName,
        password: samplePassword,
      })),
    });
  }
  return new Map((await read()).map((associate) => [associate.login, associate.id]));
}

function technicalSettings(system: System) {
  const exchange = system.simulatorUrl('exchange');
  return {
    userName: synchronizer.address,
    password: samplePassword,
    authentication: 'basic',
    access: 'impersonation',
    ewsUrl: `${exchange}/EWS/Exchange.asmx`,
    oabUrl: `${exchange}/OAB/`,
  };
}

function superofficeSettings(system: System) {
  const { host, webhooks } = system.layout;
  return {
    baseUrl: `${system.simulatorUrl('superoffice')}/Cust00001`,
    userName: synchronizer.address,
    password: samplePassword,
    authentication: 'basic',
    webhookUrl: `http://${host}:${webhooks}/hooks/superoffice/Cust00001`,
  };
}
