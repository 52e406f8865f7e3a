// What others may start of the sync engine.
export { type EngineConfig, standardConfig } from './config.ts';
export { type EngineOptions, startEngine } from './engine.ts';
export { start } from './service.ts';
