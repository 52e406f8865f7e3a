// Starts the settings service. Everything it does is wired in service.ts.
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'settings', start, repairsSettings: true });
