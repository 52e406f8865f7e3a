// `npm run release-storage`: drives a system of this very commit through the story and saves everything that it stored
// under tests/upgrade/<version>/, where every later release starts on it (tests/upgrade/upgrade.test.ts).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { names, parts } from './cast.ts';
import { describe } from './describe.ts';
import { keptPorts, Stage } from './stage.ts';
import { acts, tell } from './story.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const say = (text: string) => process.stdout.write(`${text}\n`);
/** What a start needs of the data folder; logs and what the story used for itself stay behind. */
const saved = ['nats/jetstream', 'keys', 'admin-token', 'exchange-simulator.json', 'superoffice-simulator.json'];

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const folder = path.join(root, 'tests', 'upgrade', version);
if (existsSync(folder) && !process.argv.includes('--force')) {
  say(`${path.relative(root, folder)} exists: what a release wrote never changes. Before the release, use --force.`);
  process.exit(1);
}
const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-release-'));
try {
  await save(await Stage.start(root, dataFolder, acts.first));
  rmSync(dataFolder, { recursive: true, force: true });
  say(`Wrote ${path.relative(root, folder)}`);
  process.exit(0);
} catch (error) {
  say(`${(error as Error).stack}\nThe logs are in ${path.join(dataFolder, 'logs')}`);
  process.exit(1);
}

async function save(stage: Stage): Promise<void> {
  try {
    const told = await tell(stage);
    await stage.endAllButNats();
    const contents = await describe(stage.nats);
    await stage.stop();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.join(folder, 'contents'), { recursive: true });
    for (const { stream, lines } of contents)
      writeFileSync(path.join(folder, 'contents', `${stream}.jsonl`), lines.map((line) => `${line}\n`).join(''));
    const manifest = {
      release: version,
      commit: git('rev-parse', 'HEAD'),
      savedAt: new Date().toISOString(),
      natsServer: execFileSync(process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server', ['--version'], {
        encoding: 'utf8',
      }).trim(),
      ports: keptPorts,
      people: Object.fromEntries(
        names.map((name) => [
          name,
          { part: parts[name], mailbox: told.mailboxes[name], touched: told.touched[name] ?? [] },
        ]),
      ),
      streams: Object.fromEntries(contents.map(({ stream, lines: _lines, ...counts }) => [stream, counts])),
      data: { file: 'data.tar.gz', holds: saved },
    };
    writeFileSync(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    execFileSync('tar', ['-czf', path.join(folder, 'data.tar.gz'), '-C', dataFolder, ...saved]);
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}
