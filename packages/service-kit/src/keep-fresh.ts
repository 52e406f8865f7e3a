// Reads the settings again when a change is announced, when NATS was away, and every 30 s.
import { type Bus, BusError } from '@lockstep/bus';
import { settingsChanged, UnreadableRecord } from '@lockstep/contracts';
import type { Logger } from 'pino';
import { isDamaged, type ReadSection, readSections, type StoredSettings } from './settings-reader.ts';

export const refreshEveryMs = 30_000;

export interface KeepFreshOptions {
  readonly bus: Bus;
  readonly settings: StoredSettings;
  readonly log: Logger;
  readonly everyMs?: number;
  /** A record of a newer version appeared while running: the service has to stop. */
  readonly onNewer: (error: UnreadableRecord) => void;
}

/** Returns how to end it. */
export async function keepFresh(options: KeepFreshOptions): Promise<() => Promise<void>> {
  const { bus, settings, log, onNewer, everyMs = refreshEveryMs } = options;
  let ended = false;
  const refresh = (sections?: readonly ReadSection[]): void => {
    if (ended) return;
    settings.refresh(sections).catch((error: unknown) => {
      // What was read before stays in force; the next turn tries again.
      if (error instanceof BusError || isDamaged(error)) log.warn({ err: error }, 'settings not read');
      else if (error instanceof UnreadableRecord) onNewer(error);
      else throw error;
    });
  };
  const listening = await bus.listen(settingsChanged, ({ section }) => {
    refresh(readSections.filter((known) => known === section));
  });
  bus.onReconnect(() => refresh());
  const timer = setInterval(() => refresh(), everyMs);
  return async () => {
    ended = true;
    clearInterval(timer);
    await listening.stop();
  };
}
