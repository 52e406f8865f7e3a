// Starts the superoffice-watcher.
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'superoffice-watcher', start });
