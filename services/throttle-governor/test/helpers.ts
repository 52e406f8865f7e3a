// What the governor's tests share: short timings, governors on a real nats-server, and the governor's own log of grants.
import type { Stoppable } from '@lockstep/bus';
import { governor, type TechnicalSettings } from '@lockstep/contracts';
import type { Running } from '@lockstep/service-kit';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type GovernorConfig, governorConfig } from '../src/config.ts';
import { governorWith } from '../src/service.ts';

export const quick: GovernorConfig = {
  ...governorConfig,
  ledger: { ...governorConfig.ledger, sessionFreedMs: 1_500, frozenFreedMs: 3_000, heartbeatEveryMs: 300 },
  tickEveryMs: 20,
  stateEveryMs: 200,
  candidateEveryMs: 150,
};
export const quickGateway = { heartbeatEveryMs: 300, sessionValidMs: 900 };

export interface GovernorUnderTest {
  readonly kit: TestKit;
  /** Stops the service and its kit. Repeating it does nothing. */
  stop(): Promise<void>;
}

export async function startGovernor(
  natsUrl: string,
  technical: Partial<TechnicalSettings>,
  config: GovernorConfig = quick,
  natsPasswords?: Readonly<Record<string, string>>,
): Promise<GovernorUnderTest> {
  const passwords = natsPasswords === undefined ? {} : { natsPasswords };
  const kit = await createTestKit('throttle-governor', { natsUrl, settings: { technical }, ...passwords });
  const running: Running = await governorWith(config)(kit);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await running.stop();
    await kit.close();
  };
  return { kit, stop: () => (stopped ??= stop()) };
}

/** Everything that the governors broadcast. */
export async function record(
  kit: Pick<TestKit, 'bus'>,
): Promise<Stoppable & { grants: governor.GrantLogEntry[]; states: governor.GovernorState[] }> {
  const grants: governor.GrantLogEntry[] = [];
  const states: governor.GovernorState[] = [];
  const listening = [
    await kit.bus.listen(governor.grantLog, (entry) => grants.push(entry)),
    await kit.bus.listen(governor.governorState, (state) => states.push(state)),
  ];
  return {
    grants,
    states,
    stop: async () => {
      await Promise.all(listening.map((one) => one.stop()));
    },
  };
}
