import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from './assignment.ts';

const partitions = Array.from({ length: 64 }, (_, partition) => partition);
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });

describe('the assignment of partitions', () => {
  it('gives every partition to one member, in shares that differ by one at most, in whatever order they are listed', () => {
    fc.assert(
      fc.property(names, (members) => {
        const owners = assign(members, partitions);
        expect([...owners.keys()].sort((a, b) => a - b)).toEqual(partitions);
        const shares = members.map((member) => [...owners.values()].filter((owner) => owner === member).length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(assign([...members].reverse(), partitions)).toEqual(owners);
      }),
      { numRuns: 50 },
    );
  });

  it('gives a single member everything', () => {
    expect(new Set(assign(['a'], partitions).values())).toEqual(new Set(['a']));
  });

  it('moves hardly more than the share of the member that comes', () => {
    const before = assign(['a', 'b', 'c'], partitions);
    const after = assign(['a', 'b', 'c', 'd'], partitions);
    const moved = partitions.filter((partition) => before.get(partition) !== after.get(partition));
    expect(moved.length).toBeLessThan(32);
  });
});
