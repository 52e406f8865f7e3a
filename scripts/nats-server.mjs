// Finds nats-server: on the PATH, else from Debian's package, else the official release with its checksum verified.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const version = '2.12.3';
const releases = 'https://github.com/nats-io/nats-server/releases/download';

/** The path of a nats-server that runs on this machine. Throws with advice when none can be had. */
export async function natsServerPath({ onPath, aptInstall, say, root }) {
  if (onPath('nats-server')) return 'nats-server';
  const downloaded = path.join(root, 'node_modules', '.nats-server', version, 'nats-server');
  if (existsSync(downloaded)) return downloaded;
  say('Installing nats-server …');
  if (aptInstall('nats-server') && onPath('nats-server')) return 'nats-server';
  try {
    await download(downloaded);
    return downloaded;
  } catch (error) {
    throw new Error(
      `nats-server is missing and could not be downloaded (${error.message}).\n` +
        'Install it (https://docs.nats.io/running-a-nats-service/introduction/installation) or name a server in NATS_URL.',
      { cause: error },
    );
  }
}

async function download(target) {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform];
  if (!architecture || !system) throw new Error(`no release for ${process.platform} ${process.arch}`);
  const name = `nats-server-v${version}-${system}-${architecture}`;
  const archive = `${name}.tar.gz`;
  const [checksums, bytes] = await Promise.all([
    fetched(`${releases}/v${version}/SHA256SUMS`),
    fetched(`${releases}/v${version}/${archive}`),
  ]);
  const line = checksums
    .toString('utf8')
    .split('\n')
    .find((candidate) => candidate.endsWith(archive));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (!line?.startsWith(found)) throw new Error(`the checksum of ${archive} is not the published one`);
  const folder = path.dirname(target);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, archive);
  writeFileSync(file, bytes);
  const unpacked = spawnSync('tar', ['-xzf', file, '-C', folder]);
  if (unpacked.status !== 0) throw new Error(`tar could not unpack ${archive}`);
  renameSync(path.join(folder, name, 'nats-server'), target);
  chmodSync(target, 0o755);
}

async function fetched(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
