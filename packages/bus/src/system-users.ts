// The users of the server's system account: who is present there, and who hears of it (presence.ts). They have the passwords of
// the services that they belong to, and may do nothing else in the account.
import type { ServiceName } from '@lockstep/contracts';

export const systemAccount = 'SYS';

/** Services whose end the governor has to see at once. */
export const presentServices: readonly ServiceName[] = ['exchange-gateway', 'throttle-governor'];
/** Services that hear who comes and goes. */
export const presenceWatchers: readonly ServiceName[] = ['throttle-governor'];

export const presenceUserOf = (user: string): string => `${user}-presence`;
export const eventsUserOf = (user: string): string => `${user}-events`;
