// `npm run bench -- <name>`: sets up what is missing and runs one measurement of bench/.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { bootstrap, node24, root, say } from './bootstrap.mjs';

const names = readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const wanted = process.argv[2];
if (!wanted || !names.includes(wanted)) {
  say(`npm run bench -- <name>, where the name is one of: ${names.join(', ')}`);
  process.exit(2);
}
await bootstrap();
const file = path.join('bench', `${wanted}.bench.ts`);
const { status } = spawnSync(node24, [file, ...process.argv.slice(3)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TZ: 'UTC' },
});
process.exit(status ?? 1);
