// What items say, without a side: the kinds, the form that both sides can hold, the merge, plain text, time zones.
export { appointmentLimits } from './appointment/appointment.ts';
export type { FieldGroup, Kind } from './kind.ts';
export * from './kinds.ts';
export * from './merge.ts';
export * from './plain-text.ts';
export { taskLimits } from './task/task.ts';
export * from './zones.ts';
