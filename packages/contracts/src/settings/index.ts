// The settings as they are stored in the bucket `settings` and read by every service, one section a file.
export * from './administrator.ts';
export * from './secret.ts';
export * from './section.ts';
export type { Setting } from './setting.ts';
export * from './settings.ts';
export * from './superoffice.ts';
export * from './sync.ts';
export * from './technical.ts';
export * from './user-links.ts';
