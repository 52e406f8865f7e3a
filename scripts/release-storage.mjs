// `npm run release-storage`: sets up what is missing and saves what this release stores (tests/upgrade/make/main.ts).
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { bootstrap, node24, root } from './bootstrap.mjs';

const natsServer = await bootstrap();
const environment = { ...process.env, TZ: 'UTC' };
if (natsServer) environment.LOCKSTEP_NATS_SERVER = natsServer;
const { status } = spawnSync(node24, ['tests/upgrade/make/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
});
process.exit(status ?? 1);
