// What tests of calls ask for, and what the simulator saw of it. A folder is the smallest thing to ask.
import { until } from '@lockstep/bus/testing/until';
import { exchange, type MailboxKey } from '@lockstep/contracts';
import type { GatewayUnderTest } from './gateway-under-test.ts';

export interface LogRecord {
  readonly seq: number;
  readonly clientRequestId?: string;
  readonly operation?: string;
  readonly closedByClient?: boolean;
  readonly endedMs?: number;
}

/** The gateway is handed over as a function, since tests have one only when they run. */
export function askingOf(gateway: () => GatewayUnderTest) {
  const log = async (afterSeq = 0) => {
    const { records } = (await gateway().control('GET', `/control/log?afterSeq=${afterSeq}`)) as {
      readonly records: readonly LogRecord[];
    };
    return records;
  };
  const metric = async (name: string) => {
    const text = await gateway().kit.metrics.metrics();
    return Number(new RegExp(`^lockstep_exchange_gateway_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  return {
    /** Asks for the calendar, by default of Alice. */
    ask: (mailbox: MailboxKey = gateway().mailboxes.alice, deadlineMs = 10_000) =>
      gateway().ask(exchange.getFolder, { mailbox, priority: 'person', folder: 'calendar' }, deadlineMs),
    fault: (script: object) => gateway().control('POST', '/control/faults', script),
    /** The requests that ended at Exchange. */
    log,
    lastSeq: async () => (await log()).at(-1)?.seq ?? 0,
    metric,
    /** No faults, a governor in good order, and nothing learned about the server. */
    reset: async () => {
      const { governor, control, kit, seal } = gateway();
      Object.assign(governor, {
        limit: 0,
        answersHeartbeats: true,
        grants: true,
        grantedEpoch: undefined,
        backOffs: [],
      });
      await control('DELETE', '/control/faults');
      // Other credentials for the same account: what was learned about the server is forgotten.
      await kit.changeSettings({ technical: { password: await seal('lockstep') } });
      await until(async () => (await metric('session_valid')) === 1, 'a valid session');
    },
  };
}
