// What `npm start` may be told. Plain JavaScript: it is read before anything is installed, so that --help and a wrong option are
// answered on a clean clone without a network.
import process from 'node:process';
import { parseArgs } from 'node:util';

const usage = `npm start [-- options]
  --fresh            begin anew: forget everything stored in the data folder
  --no-simulators    run without the Exchange and SuperOffice simulators
  --data <folder>    keep the data there instead of in .data`;

/** Declared in start-options.d.mts. */
export function startOptions(standardDataFolder) {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: 'boolean', default: false },
        'no-simulators': { type: 'boolean', default: false },
        data: { type: 'string', default: standardDataFolder },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!values.help) return values;
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}
