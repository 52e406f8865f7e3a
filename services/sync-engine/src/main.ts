// Starts the sync engine: links, decisions and history of every mailbox whose partition this process owns.
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'sync-engine', start });
