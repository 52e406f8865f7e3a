// `npm run exchange-simulator` and `npm run superoffice-simulator`: one simulator alone, until Ctrl-C.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { installPackages, node24, root, say } from './bootstrap.mjs';

try {
  installPackages();
  const child = spawn(node24, [`simulators/${process.argv[2]}/src/main.ts`], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TZ: 'UTC' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  say(error.message);
  process.exit(1);
}
