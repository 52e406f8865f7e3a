// Runs the simulator alone, configured by environment variables (see options.ts).
import { optionsFromEnvironment } from './options.ts';
import { startSuperOfficeSimulator } from './simulator.ts';

const simulator = await startSuperOfficeSimulator(optionsFromEnvironment(process.env));
process.stdout.write(`SuperOffice simulator ${simulator.url} control ${simulator.controlUrl}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}
