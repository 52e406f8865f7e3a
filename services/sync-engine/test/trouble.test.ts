// A mailbox that a side does not let us open says why, holds up no other, and goes on by itself.
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

it('a mailbox that may not be opened says why, and since when, until it may', async () => {
  const { exchange, superoffice } = setup.mailbox;
  let closed = true;
  exchange.fault = () => (closed ? { when: 'before', code: 'exchange-folder-missing' } : undefined);
  const engine = await setup.engine();
  superoffice.userCreates(meeting('Nowhere to go'));
  const { trouble } = await until(async () => {
    const explained = await setup.explain(engine);
    return explained.trouble === undefined ? undefined : explained;
  }, 'the trouble to be told');
  expect(trouble).toEqual({ code: 'exchange-folder-missing', since: expect.stringMatching(/Z$/) });
  closed = false;
  await setup.inStep(1);
  await until(async () => (await setup.explain(engine)).trouble === undefined, 'the trouble to be over');
});
