import { describe, expect, it } from 'vitest';
import { roomFor } from './storage-room.ts';

const GiB = 1024 ** 3;

describe('the room of the history', () => {
  it('is what is standard on a large disk, and nothing is said', () => {
    expect(roomFor(100 * GiB, undefined, 20, '/data')).toEqual({ gib: '20' });
  });

  it('is what a small disk has beside the other streams, and the user is told', () => {
    const room = roomFor(12.5 * GiB, undefined, 20, '/data');
    expect(room.gib).toBe('7');
    expect(room.notice).toMatch(/\/data has 12\.5 GiB free.*7 GiB.*25 GiB.*LOCKSTEP_HISTORY_GIB/);
  });

  it('is never nothing', () => {
    expect(roomFor(10_000, undefined, 20, '/data').gib).toBe('1');
  });

  it('is what the user named, however much is free', () => {
    expect(roomFor(10_000, '3', 20, '/data')).toEqual({ gib: '3' });
    expect(() => roomFor(10_000, 'much', 20, '/data')).toThrow(/LOCKSTEP_HISTORY_GIB is "much"/);
  });
});
