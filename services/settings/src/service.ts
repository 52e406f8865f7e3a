// The settings service: owns all configuration, gives it a REST API, and tells every service about each change.
import { randomBytes } from 'node:crypto';
import type { Stoppable } from '@lockstep/bus';
import { leaseKeys, type SettingsSection, settingsChanged } from '@lockstep/contracts';
import type { Kit, Start } from '@lockstep/service-kit';
import { settingsConfig } from './config.ts';
import { readConfig } from './environment.ts';
import { GovernorWatch } from './governor-watch.ts';
import { addRoutes } from './http/routes.ts';
import { createMetrics } from './metrics.ts';
import { Sealer } from './rules/sealing.ts';
import type { Seal } from './rules/section-change.ts';
import { superoffice, sync, technical } from './rules/sections.ts';
import { Administrator } from './store/administrator.ts';
import { instantOf } from './store/record.ts';
import { SectionStore } from './store/section-store.ts';
import { SingleWriter } from './store/single-writer.ts';
import { UserLinkStore } from './store/user-link-store.ts';

export const start: Start = async (kit) => {
  const { bus, http, clock } = kit;
  const config = await readConfig(kit.environment);
  const metrics = createMetrics(kit.metrics, kit.settings);
  const announce = (section: SettingsSection, revision: number): void => {
    metrics.changes.inc({ section });
    bus.broadcast(settingsChanged, { section, revision }, { correlationId: kit.ids.uuidv7() });
  };
  const around = { bucket: bus.bucket('settings'), now: clock.now, announce };

  const administrator = new Administrator(around.bucket, clock.now);
  const installed = config.adminToken === undefined ? undefined : await administrator.install(config.adminToken);
  if (installed !== undefined) announce('administrator', installed);
  await administrator.refresh();
  if (!administrator.isSet)
    kit.log.error(
      'no administrator token is set: every request to the API is refused; give one to this service by LOCKSTEP_ADMIN_TOKEN or LOCKSTEP_ADMIN_TOKEN_FILE and start it again',
    );

  const sealedBy =
    (sealer: Sealer): Seal =>
    (secret, purpose) =>
      sealer.seal(secret, purpose, instantOf(clock.now()));
  const userLinks = new UserLinkStore({
    ...around,
    writer: new SingleWriter(bus, { key: leaseKeys.userLinks, holder: kit.instance }, settingsConfig.userLinkWriters),
    random: () => randomBytes(10),
  });
  const governor = new GovernorWatch(clock.now);
  addRoutes(http, {
    administrator,
    metrics,
    log: kit.log,
    technical: { store: new SectionStore(technical, around), seal: sealedBy(new Sealer(config.exchangeKey)) },
    superoffice: {
      store: new SectionStore(superoffice, around),
      seal: sealedBy(new Sealer(config.superofficeKey)),
    },
    sync: { store: new SectionStore(sync, around) },
    userLinks,
    operations: {
      bus,
      governor,
      correlationId: kit.ids.uuidv7,
      isLinked: async (mailbox) => (await userLinks.get(mailbox)) !== undefined,
    },
  });
  const followers = [await governor.listen(bus), await followToken(kit, administrator)];
  return {
    ready: () => true,
    stop: async () => {
      await Promise.all(followers.map((follower) => follower.stop()));
    },
  };
};

/** Takes over a token that another replica stored. */
async function followToken({ bus, log }: Kit, administrator: Administrator): Promise<Stoppable> {
  const refresh = (): void => {
    administrator
      .refresh()
      .catch((error: unknown) => log.warn({ err: error }, 'the administrator token was not read again'));
  };
  const listening = await bus.listen(settingsChanged, ({ section }) => {
    if (section === 'administrator') refresh();
  });
  const timer = setInterval(refresh, settingsConfig.tokenRefreshEveryMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await listening.stop();
    },
  };
}
