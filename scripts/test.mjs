// `npm test`: sets up what is missing, then runs every check there is and ends with one line that says how many passed.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { aptInstall, bootstrap, onPath, say } from './bootstrap.mjs';
import { runSteps, steps } from './steps.mjs';

/** Other people's clients and tools that some tests drive; a test whose tool is missing says so loudly. */
function installTestTools() {
  const missing = [];
  if (!onPath('xmllint')) missing.push('libxml2-utils');
  if (!existsSync('/usr/lib/python3/dist-packages/exchangelib')) missing.push('python3-exchangelib');
  if (missing.length === 0) return;
  say(`Installing ${missing.join(', ')} for the tests …`);
  if (!aptInstall(...missing)) say(`Could not install ${missing.join(', ')}: the tests that need them will say so.`);
}

const natsServer = await bootstrap();
if (natsServer) process.env.LOCKSTEP_NATS_SERVER = natsServer;
installTestTools();
const tally = { passed: 0, failed: 0, skipped: 0 };
const failed = runSteps([steps.lint, steps.types, steps.unit, steps.integration, steps.endToEnd], tally);
if (failed.length > 0) say(`\nFailed: ${failed.join(', ')}.`);
say(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(failed.length === 0 && tally.failed === 0 ? 0 : 1);
