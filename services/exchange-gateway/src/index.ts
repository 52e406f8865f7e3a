// What a test of the whole system may use: the start function, and the token client that it may stand in for.
export { type GatewayOverrides, start } from './service.ts';
export { type Grant, TokenClient, type TokenClientOptions, type TokenWish } from './tokens/token-client.ts';
