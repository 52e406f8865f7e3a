import { backendContract } from './backend-contract.ts';
import { MemoryBackend } from './memory-backend.ts';

backendContract('memory', async () => {
  let mailboxes = 0;
  return {
    backend: new MemoryBackend(),
    newMailbox: async () => ({ address: `box-${++mailboxes}@lockstep.test` }),
    close: async () => undefined,
  };
});
