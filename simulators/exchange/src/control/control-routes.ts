// Every call of the control API. The guide docs/guides/exchange-simulator.md describes them.
import type { Simulator } from '../simulator.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { readAccess } from './access-input.ts';
import { readAutodiscover } from './autodiscover-input.ts';
import { readBehaviour } from './behaviour-input.ts';
import { createEntry, deleteEntry, listEntries, updateEntry } from './calendar-entries.ts';
import { type ControlCall, mailboxOf, PlainText, tlsOf } from './control-call.ts';
import { ControlError } from './control-error.ts';
import { readFaultScript, readLatency } from './fault-input.ts';
import { optionalBetween } from './json-input.ts';
import { removePermission, setPermission } from './permissions.ts';
import { removePhotos, setPhoto } from './photos.ts';
import { readNoise, readPolicy } from './policy-input.ts';
import { seed } from './seed.ts';
import { readTls } from './tls-input.ts';

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  readonly path: readonly string[];
  /** Undefined answers 204. */
  readonly run: (call: ControlCall) => unknown;
}

function route(method: ControlRoute['method'], path: string, run: ControlRoute['run']): ControlRoute {
  return { method, path: path.split('/'), run };
}

/** How far the clock goes. */
const lastInstantMs = Date.UTC(4000, 0, 1);

export const controlRoutes: readonly ControlRoute[] = [
  route('POST', 'seed', ({ simulator, body }) => seed(simulator, body)),
  route('GET', 'mailboxes', ({ simulator }) => simulator.directory.mailboxes().map(describeMailbox)),
  route('GET', 'mailboxes/:address/calendar/items', (call) => listEntries(mailboxOf(call), call.query)),
  route('POST', 'mailboxes/:address/calendar/items', (call) => createEntry(mailboxOf(call), call.body, call.simulator)),
  route('PATCH', 'mailboxes/:address/calendar/items/:id', (call) =>
    updateEntry(mailboxOf(call), call.parameters['id'] ?? '', call.body, call.simulator),
  ),
  route('DELETE', 'mailboxes/:address/calendar/items/:id', (call) =>
    deleteEntry(mailboxOf(call), call.parameters['id'] ?? '', call.query),
  ),
  route('POST', 'mailboxes/:address/folders/:folder/permissions', (call) => setPermission(call)),
  route('DELETE', 'mailboxes/:address/folders/:folder/permissions/:delegate', (call) => removePermission(call)),
  route('POST', 'mailboxes/:address/photo', (call) => setPhoto(call)),
  route('DELETE', 'mailboxes/:address/photo', (call) => removePhotos(call)),
  route('GET', 'log', ({ simulator, query }) => ({
    records: simulator.log.after(Number(query.get('afterSeq') ?? 0), query.get('account') ?? undefined),
  })),
  route('GET', 'outbox', ({ simulator, query }) => ({
    messages: simulator.outbox.after(Number(query.get('afterSeq') ?? 0)),
  })),
  route('DELETE', 'outbox', ({ simulator }) => simulator.outbox.clear()),
  route('GET', 'peaks', ({ simulator }) => simulator.log.peaks()),
  route('POST', 'peaks/reset', ({ simulator }) => simulator.log.resetPeaks()),
  route('GET', 'faults', ({ simulator }) => simulator.faults.list()),
  route('POST', 'faults', ({ simulator, body }) => ({ id: simulator.faults.add(readFaultScript(body)) })),
  route('DELETE', 'faults', ({ simulator }) => simulator.faults.clear()),
  route('DELETE', 'faults/:id', ({ simulator, parameters }) => {
    if (!simulator.faults.remove(Number(parameters['id']))) throw new ControlError(404, 'There is no such script.');
  }),
  route('GET', 'clock', ({ simulator }) => clock(simulator)),
  route('POST', 'clock', ({ simulator, body }) => {
    const farthestMs = Math.max(0, lastInstantMs - simulator.clock.nowMs());
    simulator.clock.advance(optionalBetween(body['advanceMs'], 'advanceMs', 0, farthestMs) ?? 0);
    return clock(simulator);
  }),
  route('POST', 'restart', ({ simulator }) => simulator.restart()),
  route('POST', 'reset', ({ simulator }) => simulator.reset()),
  route('GET', 'latency', ({ simulator }) => simulator.latency.settings),
  route('POST', 'latency', ({ simulator, body }) => simulator.latency.set(readLatency(body))),
  route('GET', 'policy', ({ simulator, query }) => simulator.throttle.policyOf(query.get('owner') ?? '')),
  route('POST', 'policy', ({ simulator, body }) => {
    const { owner, policy } = readPolicy(body);
    simulator.throttle.setPolicy(policy, owner);
  }),
  route('DELETE', 'policy', ({ simulator }) => simulator.throttle.reset()),
  route('GET', 'access', ({ simulator }) => simulator.access),
  route('POST', 'access', ({ simulator, body }) => {
    simulator.access = readAccess(simulator.access, body);
  }),
  route('GET', 'behaviour', ({ simulator }) => simulator.behaviour),
  route('POST', 'behaviour', ({ simulator, body }) => {
    simulator.behaviour = readBehaviour(simulator.behaviour, body);
  }),
  route('GET', 'authority.pem', (call) => new PlainText(tlsOf(call).authorityPem)),
  route('GET', 'tls', (call) => tlsOf(call).settings),
  route('POST', 'tls', (call) => tlsOf(call).set(readTls(tlsOf(call).settings, call.body))),
  route('POST', 'autodiscover', ({ simulator, body }) => {
    simulator.autodiscover = readAutodiscover(body);
  }),
  route('GET', 'oab', ({ simulator }) => ({ path: `/OAB/${simulator.oab.guid}/` })),
  route('POST', 'oab/generate', ({ simulator }) => ({ sequence: simulator.oab.generate() })),
  route('POST', 'freeze', ({ simulator }) => simulator.freezer.freeze()),
  route('POST', 'thaw', ({ simulator }) => simulator.freezer.thaw()),
  route('GET', 'budgets', ({ simulator }) => simulator.throttle.describe()),
  route('GET', 'noise', ({ simulator }) => simulator.noise.settings),
  route('POST', 'noise', ({ simulator, body }) => simulator.noise.set(readNoise(body))),
  route('GET', 'subscriptions', ({ simulator }) => ({
    count: simulator.subscriptions.size,
    streams: simulator.streams.size,
  })),
];

function clock(simulator: Simulator): unknown {
  return { now: new Date(simulator.clock.nowMs()).toISOString(), offsetMs: simulator.clock.offsetMs };
}

function describeMailbox(mailbox: Mailbox): unknown {
  const { guid, address, displayName, timeZone } = mailbox.identity;
  const folders = [...mailbox.distinguished].map(([name, folder]) => [name, folder.items.size]);
  return { guid, address, displayName, timeZone, itemCounts: Object.fromEntries(folders) };
}
