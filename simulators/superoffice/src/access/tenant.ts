// The state of the tenant and the host on which it is served. Online moves tenants between numbered hosts at run time:
// a request to another host is then answered 421 until the client asks for the state again.

import { SoError } from '../input/error.ts';
import type { Clock } from '../time/clock.ts';

export const tenantStates = [
  'Unknown',
  'Provisioning',
  'Running',
  'Deleted',
  'Suspended',
  'OnlineMaintenance',
  'OfflineMaintenance',
  'ProvisioningFailed',
  'Deleting',
  'DeleteFailed',
  'MigrationPending',
] as const;

export type TenantState = (typeof tenantStates)[number];

export class Tenant {
  state: TenantState = 'Running';
  /** `host:port` that alone is served; undefined = any. */
  host: string | undefined;
  /** How long a state answer is good for. */
  validForMs: number = 600_000;

  readonly #clock: Clock;
  readonly #contextIdentifier: string;

  constructor(clock: Clock, contextIdentifier: string) {
    this.#clock = clock;
    this.#contextIdentifier = contextIdentifier;
  }

  get isRunning(): boolean {
    return this.state === 'Running' || this.state === 'OnlineMaintenance';
  }

  /** The document of `GET /api/state/{tenant}`. @param askedHost the host that was asked. */
  describe(askedHost: string): unknown {
    const endpoint = `http://${this.host ?? askedHost}/${this.#contextIdentifier}`;
    return {
      ContextIdentifier: this.#contextIdentifier,
      Endpoint: endpoint,
      State: this.state,
      IsRunning: this.isRunning,
      ValidUntil: new Date(this.#clock.nowMs() + this.validForMs).toISOString().replace('Z', '0000Z'),
      Api: `${endpoint}/api`,
    };
  }

  /** @throws 421 on the wrong host, 503 while the tenant is down */
  check(host: string): void {
    if (this.host !== undefined && host.toLowerCase() !== this.host.toLowerCase()) {
      throw new SoError(421, 'MisdirectedRequest', 'Wrong subdomain used to access tenant');
    }
    if (!this.isRunning) throw new SoError(503, 'TenantNotRunning', `The tenant is in state ${this.state}`);
  }

  reset(): void {
    this.state = 'Running';
    this.host = undefined;
  }
}
