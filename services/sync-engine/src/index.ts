// What others may start of the sync engine.
export { type EngineConfig, standardConfig } from './config.ts';
export { type EngineOptions, start, startEngine } from './service.ts';
