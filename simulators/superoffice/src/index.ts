// The simulator as a library: start one inside a test and close it afterwards.
export type { SuperOfficeSimulatorOptions } from './options.ts';
export { type SuperOfficeSimulator, startSuperOfficeSimulator } from './simulator.ts';
