// What every service starts with and what it gives back. `runService` (run-service.ts) makes the kit, starts the service,
// and stops it within 20 s on SIGTERM or SIGINT.
import type { Bus } from '@lockstep/bus';
import type {
  MailboxKey,
  ServiceName,
  SettingsSection,
  SuperOfficeSettings,
  SyncSettings,
  TechnicalSettings,
  UserLink,
} from '@lockstep/contracts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** The current settings, kept fresh by broadcast, reconnect and every 30 s. Reading never waits. */
export interface SettingsReader {
  technical(): TechnicalSettings;
  superoffice(): SuperOfficeSettings;
  sync(): SyncSettings;
  userLinks(): ReadonlyMap<MailboxKey, UserLink>;
  /** Called after a section became different from what it was. Returns how to stop listening. */
  onChange(listener: (section: SettingsSection) => void): () => void;
}

/** Time and chance, handed in so that tests can hold them. */
export interface Clock {
  /** Milliseconds since 1970, for what people and other systems read. */
  now(): number;
  /** Milliseconds that never go back, for deadlines, leases and sessions. */
  monotonic(): number;
}

export interface Ids {
  /** Our own ids: sortable by time. */
  uuidv7(): string;
  /** Unpredictable ids: tokens and sessions. */
  uuidv4(): string;
}

export interface Kit {
  readonly name: ServiceName;
  /** Which replica this is. */
  readonly instance: string;
  /** The value of a declared variable (contracts/environment.ts), or its standard. */
  readonly environment: (variable: string) => string | undefined;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Already answers /metrics, /healthz and /readyz; a service may add routes before its start returns. */
  readonly http: FastifyInstance;
  readonly settings: SettingsReader;
  readonly clock: Clock;
  readonly ids: Ids;
  /** This process must not go on, for instance since a newer release wrote a stored record: it ends with this reason. */
  readonly giveUp: (error: Error) => void;
}

/** A started service. */
export interface Running {
  /** True when its first loop has turned; NATS and settings are checked by the kit. */
  ready(): boolean;
  /** Stops taking work, finishes or hands back what it has. Called before the bus is drained; must return within 15 s. */
  stop(): Promise<void>;
}

/** The one function that a service exports from `service.ts`; `main.ts` passes it to `runService`. */
export type Start = (kit: Kit) => Promise<Running>;
