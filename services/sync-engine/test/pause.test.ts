// A pause that a server asks for is obeyed, but never for longer than the one cap, and not beyond a change of the settings.
import { until } from '@lockstep/bus/testing/until';
import { governor } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { standardConfig } from '../src/config.ts';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

/** 24 days: what a damaged answer may say. */
const longMs = 2_147_483_647;
const asksForPause = { when: 'before', code: 'exchange-busy', backOffMs: longMs } as const;

describe('a pause of weeks', () => {
  it('ends at the cap that the governor has too', async () => {
    expect(standardConfig.longestPauseMs).toBe(governor.governorTimings.longestPauseMs);
    const { exchange, superoffice } = setup.mailbox;
    exchange.fault = (operation, count) => (operation === 'create' && count === 1 ? asksForPause : undefined);
    await setup.engine({ config: { longestPauseMs: 500 } });
    superoffice.userCreates(meeting('After the pause'));
    await setup.inStep(1);
  });

  it('ends for every change that waits when the settings change', async () => {
    const { exchange, superoffice } = setup.mailbox;
    const engine = await setup.engine();
    let asked = 0;
    exchange.fault = (operation) => {
      if (operation !== 'create' || asked >= 3) return undefined;
      asked++;
      return asksForPause;
    };
    for (const name of ['One', 'Two', 'Three']) superoffice.userCreates(meeting(name));
    await until(() => asked === 3, 'the pauses');
    await setup.quiet(engine);
    expect(exchange.items.size).toBe(0);
    await engine.kit.changeSettings({ technical: { concurrentRequestLimit: 7 } });
    await setup.inStep(3);
    await until(async () => (await setup.explain(engine)).openIntents === 0, 'no open creates');
  });
});
