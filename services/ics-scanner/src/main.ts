// Starts the ics-scanner.
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'ics-scanner', start });
