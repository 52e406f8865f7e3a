// The two ways in which stored state refuses us, besides being unreadable (`UnreadableRecord`). Both end the step; neither is ever swallowed.

/**
 * The stored state is not what we read: another owner wrote, or an answer was lost. What is in memory counts for nothing
 * any more; the step is abandoned and the message is handled anew from what is stored.
 */
export class StateConflict extends Error {
  constructor(key: string) {
    super(`the stored state of ${key} is not the one that was read`);
    this.name = 'StateConflict';
  }
}

/** The stored epoch is greater than ours: we are not the owner any more, or the leases were set back in time. */
export class NewerOwner extends Error {
  constructor(key: string, found: number, ours: number) {
    super(`${key} belongs to epoch ${found}, ours is ${ours}`);
    this.name = 'NewerOwner';
  }
}
