// NATS behind one small interface. Services see this package alone; nothing else imports the NATS client.
export * from './bus.ts';
export { type ConnectOptions, connect } from './connect.ts';
export { StorageDiffers, StorageTooSmall, type UsedStorage } from './ensure.ts';
export type { BusEvent, OnBusEvent } from './events.ts';
