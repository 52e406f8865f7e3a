// Starts the throttle-governor.
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'throttle-governor', start });
