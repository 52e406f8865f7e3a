// Everything that may cross the bus or lie in storage, one topic a file.
export * from './access.ts';
export * from './appointment.ts';
export * from './change.ts';
export * from './environment.ts';
export * from './errors.ts';
export * as exchange from './exchange.ts';
export { FolderName, ItemChange, Priority } from './exchange.ts';
export * as governor from './governor.ts';
export * from './mailbox.ts';
export * from './operation.ts';
export * from './sealed-purpose.ts';
export * from './settings.ts';
export * from './shape.ts';
export * from './storage.ts';
export * as superoffice from './superoffice.ts';
export * as sync from './sync.ts';
