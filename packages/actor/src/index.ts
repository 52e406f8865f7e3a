// Keyed actors: one message at a time for a key, many keys at a time.
export { type ActorOptions, type Actors, createActors } from './actors.ts';
