import './utc.ts';
import { runService } from '@lockstep/service-kit';
import { start } from './service.ts';

await runService({ name: 'exchange-gateway', start: (kit) => start(kit) });
