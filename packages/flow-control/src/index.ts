// Flow control without I/O, clock or chance: the same classes run in production, in tests and in the simulation.
export * from './back-off.ts';
export * from './fair-queue.ts';
export * from './ids.ts';
export * from './leadership-phase.ts';
export * from './load-delay.ts';
export * from './retry-delay.ts';
export * from './semaphore.ts';
export * from './token-ledger.ts';
