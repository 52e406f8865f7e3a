// What tests that span services start.
export { type ScannerConfig, scannerConfig } from './config.ts';
export { scannerWith, start } from './service.ts';
