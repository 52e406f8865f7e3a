// `npm run check`: the fast part of the tests: format and lint, types, unit tests.
import process from 'node:process';
import { bootstrap, say } from './bootstrap.mjs';
import { runSteps, steps } from './steps.mjs';

await bootstrap();
const failed = runSteps([steps.lint, steps.types, steps.unit]);
say(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
