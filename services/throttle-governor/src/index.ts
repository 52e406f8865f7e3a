// What tests that span services start.
export { type GovernorConfig, governorConfig } from './config.ts';
export { governorWith, start } from './service.ts';
