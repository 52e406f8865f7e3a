// `npm start`: sets up what is missing, then runs the whole of Lockstep with Node 24 (scripts/system/main.ts).
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { whenStarterIsGone } from './ancestors.mjs';
import { bootstrap, node24, root, say } from './bootstrap.mjs';
import { startOptions } from './start-options.mjs';

startOptions(path.join(root, '.data'));
try {
  const natsServer = await bootstrap();
  const environment = { ...process.env, TZ: 'UTC' };
  if (natsServer) environment.LOCKSTEP_NATS_SERVER = natsServer;
  // The lock of the data folder is one of SQLite, which Node calls experimental.
  const args = ['--disable-warning=ExperimentalWarning', 'scripts/system/main.ts', ...process.argv.slice(2)];
  const child = spawn(node24, args, {
    cwd: root,
    // The channel tells the child when we are gone, however that came about.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  // The child ends everything in order; a terminal sends it the same signal, which it takes once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm passes no signal on: when it is gone, there is nobody to run for.
  if (process.env.npm_lifecycle_event) whenStarterIsGone(500, () => child.kill('SIGTERM'));
  child.on('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  say(error.message);
  process.exit(1);
}
