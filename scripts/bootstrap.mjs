// Sets up what `npm start` and `npm test` need, on Node 20 or later and with nothing installed yet:
// the packages of the workspace (with Node 24 among them) and nats-server. Safe to call again; quick when all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServerPath } from './nats-server.mjs';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const node24 = path.join(root, 'node_modules', '.bin', 'node');
const packageManager = 'pnpm@12';
const installedMarker = path.join(root, 'node_modules', '.lockstep-installed');

/** Says what is being done: long work shows progress. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Runs a command to its end and shows its output only when it fails. Throws with advice when it does. */
export function run(command, args, advice, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const output = [result.error?.message, result.stdout, result.stderr].filter(Boolean).join('\n');
  throw new Error(`${command} ${args.join(' ')} failed.\n${output.slice(-4000)}\n${advice}`);
}

/** True when a program is on the PATH. */
export function onPath(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** Installs Debian packages where we are root on Debian; answers whether they are there afterwards. */
export function aptInstall(...packages) {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  return spawnSync('apt-get', args, { stdio: 'ignore', env: environment }).status === 0;
}

/** Installs the packages of the workspace unless they are those of the lock file already. */
export function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'pnpm-lock.yaml')))
    .update(readFileSync(path.join(root, 'pnpm-workspace.yaml')))
    .digest('hex');
  const marker = existsSync(installedMarker) ? readFileSync(installedMarker, 'utf8') : '';
  if (marker === wanted && existsSync(node24)) return;
  say('Installing packages (the first time takes about a minute) …');
  run(
    'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile'],
    'Check that the npm registry can be reached, then try again.',
  );
  writeFileSync(installedMarker, wanted);
}

/** Makes sure that packages and nats-server are there. Answers the path of nats-server, or undefined with NATS_URL set. */
export async function bootstrap() {
  installPackages();
  if (process.env.NATS_URL) return undefined;
  return natsServerPath({ onPath, aptInstall, say, root });
}
