import { describe, expect, it } from 'vitest';
import { type PollingState, restored, withMark } from './polling-state.ts';

const minute = (n: number) => new Date(Date.UTC(2026, 10, 22, 8, n)).toISOString();

/** The marks after polling once a minute; at minute n the log stood at id 100 n. */
function polled(minutes: number): PollingState['deletes'] {
  let deletes: PollingState['deletes'] = [{ logId: 0, at: minute(0) }];
  for (let n = 1; n <= minutes; n++) deletes = withMark(deletes, { logId: n * 100, at: minute(n) });
  return deletes;
}

describe('the earlier marks of polling', () => {
  it('end with the newest and stay few', () => {
    const deletes = polled(300);
    expect(deletes.at(-1)).toEqual({ logId: 30_000, at: minute(300) });
    expect(deletes.length).toBeLessThanOrEqual(8);
  });

  it('hold one that is at least 15 minutes old and not much older', () => {
    for (const minutes of [1, 14, 16, 33, 300]) {
      const deletes = polled(minutes);
      const state: PollingState = {
        ...{ v: 1, tenant: 't', serverId: 's', savedAt: minute(minutes) },
        ...{ updated: minute(minutes), registered: minute(minutes), deletes },
      };
      const { at, updated, logId } = restored(state);
      expect(at).toBe(minute(minutes - 15));
      expect(updated).toBe(minute(minutes - 15));
      expect(logId).toBeLessThanOrEqual(Math.max(0, minutes - 15) * 100);
      expect(logId).toBeGreaterThanOrEqual(Math.max(0, minutes - 22) * 100);
    }
  });
  it('are where a restored NATS is made up for from, however long ago the dates are', () => {
    const standing = { updated: '2026-11-20T08:00:00.000Z', registered: '2026-11-21T08:00:00.000Z' };
    const state: PollingState = {
      ...{ v: 1, tenant: 't', serverId: 's', savedAt: minute(30) },
      ...{ updated: minute(29), registered: minute(29) },
      deletes: [
        { logId: 1, at: minute(10), ...standing },
        { logId: 2, at: minute(30), updated: minute(29), registered: minute(29) },
      ],
    };
    expect(restored(state)).toEqual({ at: minute(15), logId: 1, ...standing });
  });
});
