// When a trial system that has just started carries changes at once: its governor grants, and every linked mailbox is watched.
import { settingsApi } from './provision.ts';
import type { System } from './system.ts';

/** Waits until then, or until the time is over: a system that is not quite there yet still catches up by itself. */
export async function settled(system: System, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await carriesChanges(system).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function carriesChanges(system: System): Promise<boolean> {
  const api = settingsApi(system);
  const { incrementalChangeDetectionOnly } = await api<{ incrementalChangeDetectionOnly: boolean }>(
    'GET',
    '/settings/technical',
  );
  if ((await metric(system, 'throttle-governor', 'lockstep_throttle_governor_phase_state{phase="granting"')) !== 1) {
    return false;
  }
  if (incrementalChangeDetectionOnly) return true;
  const { userLinks } = await api<{ userLinks: { enabled: boolean }[] }>('GET', '/user-links?limit=500');
  const watched = await metric(system, 'exchange-gateway', 'lockstep_exchange_gateway_subscriptions');
  return watched >= userLinks.filter((link) => link.enabled).length;
}

async function metric(
  system: System,
  service: 'throttle-governor' | 'exchange-gateway',
  start: string,
): Promise<number> {
  const response = await fetch(`${system.serviceUrl(service)}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const line = (await response.text()).split('\n').find((candidate) => candidate.startsWith(start));
  return Number(line?.split(' ').at(-1));
}
