// Time and our own ids. Services get them from the kit, so that tests can hold them.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Ids } from './kit.ts';

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, then a counter of 12 bits that starts at random below half
 * and keeps the ids of one process in order within a millisecond, then 62 random bits.
 */
export function createIds(clock: Clock): Ids {
  let lastMs = 0;
  let counter = 0;
  return {
    uuidv4: () => randomUUID(),
    uuidv7() {
      const random = randomBytes(10);
      const nowMs = Math.floor(clock.now());
      if (nowMs > lastMs) {
        lastMs = nowMs;
        counter = random.readUInt16BE(8) & 0x7ff;
      } else if (++counter > 0xfff) {
        // More than the counter holds, or a clock that went back: take the next millisecond.
        lastMs++;
        counter = 0;
      }
      random.writeUInt8((random.readUInt8(0) & 0x3f) | 0x80, 0);
      const hex = `${lastMs.toString(16).padStart(12, '0')}7${counter.toString(16).padStart(3, '0')}${random.toString('hex', 0, 8)}`;
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
  };
}
