// What every service starts with.
export type * from './kit.ts';
export { runService, type ServiceDefinition } from './run-service.ts';
export { NewerRecord } from './settings-reader.ts';
