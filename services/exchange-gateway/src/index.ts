// What a test of the whole system may use: the start function, and the token client that it may stand in for.
export { start } from './service.ts';
export { TokenClient } from './tokens/token-client.ts';
