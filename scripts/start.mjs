// `npm start`: sets up what is missing, then runs the whole of Lockstep with Node 24 (scripts/system/main.ts).
import { spawn } from 'node:child_process';
import process from 'node:process';
import { bootstrap, node24, root, say } from './bootstrap.mjs';

try {
  const natsServer = await bootstrap();
  const environment = { ...process.env, TZ: 'UTC' };
  if (natsServer) environment.LOCKSTEP_NATS_SERVER = natsServer;
  const child = spawn(node24, ['scripts/system/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    // The channel tells the child when we are gone, however that came about.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  // The child ends everything in order; a terminal sends it the same signal, which it takes once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm passes no signal on: when it was ended, we have another parent, and nobody to run for.
  const parent = process.ppid;
  const watch = () => process.ppid !== parent && child.kill('SIGTERM');
  if (process.env.npm_lifecycle_event) setInterval(watch, 500).unref();
  child.on('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  say(error.message);
  process.exit(1);
}
