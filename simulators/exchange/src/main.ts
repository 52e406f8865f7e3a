// Runs the simulator by itself, as the environment says, until it is told to stop.
import { startExchangeSimulator } from './index.ts';
import { optionsFromEnvironment } from './options.ts';

const simulator = await startExchangeSimulator(optionsFromEnvironment(process.env));
const overTls = simulator.tlsUrl === undefined ? '' : `, over TLS at ${simulator.tlsUrl}/EWS/Exchange.asmx`;
process.stdout.write(
  `Exchange simulator at ${simulator.url}/EWS/Exchange.asmx${overTls}, control API at ${simulator.url}/control/\n`,
);

const stop = (): void => {
  // Half of the time that a supervisor gives: what hangs must not keep the process.
  setTimeout(() => process.exit(1), 2000).unref();
  simulator.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
