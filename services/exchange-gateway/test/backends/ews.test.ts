// The contract of all backends, kept by the one for EWS against the Exchange simulator.
import { success, type TokenId } from '@lockstep/contracts';
import { Registry } from 'prom-client';
import { createEwsBackend } from '../../src/backends/ews/ews-backend.ts';
import { GatewayMetrics } from '../../src/metrics.ts';
import type { Permit, TokenClient, TokenWish, Used } from '../../src/tokens/token-client.ts';
import { password, startExchange } from '../support/exchange-under-test.ts';
import { backendContract } from './backend-contract.ts';

/** Grants whatever is wished for: what a governor is for is tested elsewhere. */
const freeTokens: Pick<TokenClient, 'withToken'> = {
  async withToken<T>({ signal }: TokenWish, use: (permit: Permit) => Promise<Used<T>>) {
    const permit = { token: 'none' as TokenId, signal, hindrance: () => undefined, mayStart: () => !signal.aborted };
    return success((await use(permit)).value);
  },
};

backendContract('ews', async () => {
  const server = await startExchange();
  const technical = { ...server.technical, password: await server.seal(password) };
  const backend = createEwsBackend({
    technical: () => technical,
    keyFile: server.keyFile,
    tokens: freeTokens,
    metrics: new GatewayMetrics(new Registry(), { backOffs: () => 0, authenticationStopped: () => false }),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  });
  let mailboxes = 0;
  return {
    backend,
    newMailbox: async () => {
      const address = `box-${++mailboxes}@lockstep.test`;
      const mailbox = { address, displayName: `Box ${mailboxes}`, password, timeZone: 'Europe/Oslo' };
      await server.control('POST', '/control/seed', { mailboxes: [mailbox] });
      return { address };
    },
    close: async () => {
      await backend.close();
      await server.close();
    },
  };
});
