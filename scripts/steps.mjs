// The checks that `npm run check` and `npm test` are made of.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { node24, root, say } from './bootstrap.mjs';

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const vitest = (project) => ({ title: `${project} tests`, project });

export const steps = {
  lint: { title: 'format and lint', command: [bin('biome'), 'check', '--error-on-warnings', '.'] },
  types: { title: 'types', command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  unit: vitest('unit'),
  integration: vitest('integration'),
  endToEnd: vitest('e2e'),
};

/** Runs the steps in order, all of them even when one fails; answers the titles of those that failed. */
export function runSteps(list, tally = { passed: 0, failed: 0, skipped: 0 }) {
  const failed = [];
  for (const step of list) {
    say(`\n── ${step.title} ──`);
    const ok = step.project ? runTests(step.project, tally) : spawn(step.command);
    if (!ok) failed.push(step.title);
    if (!ok && !step.project) tally.failed += 1;
    if (ok && !step.project) tally.passed += 1;
  }
  return failed;
}

function spawn([command, ...args]) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, TZ: 'UTC' } }).status === 0;
}

function runTests(project, tally) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-test-'));
  const report = path.join(folder, 'report.json');
  const ok = spawn([
    node24,
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    project,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    tally.passed += numPassedTests;
    tally.failed += numFailedTests;
    tally.skipped += numPendingTests + numTodoTests;
    if (!ok && numFailedTests === 0) tally.failed += 1;
  } catch {
    // No report: the runner itself failed, and its output above says why.
    tally.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return ok;
}
