// The sync engine as a service: the standard bounds, and what ends the process.
import type { Start } from '@lockstep/service-kit';
import { standardConfig } from './config.ts';
import { startEngine } from './engine.ts';

export const start: Start = async (kit) =>
  startEngine({
    kit,
    config: standardConfig,
    random: Math.random,
    onNewerRecord: (error) => {
      // Nobody waits for this: thrown where the kit ends the process with its reason.
      setImmediate(() => {
        throw error;
      });
    },
  });
