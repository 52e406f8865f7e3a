import { partitions } from '@lockstep/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from './assignment.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });
const moved = (before: readonly string[], after: readonly string[]) => {
  const [owners, others] = [assign(before, partitions), assign(after, partitions)];
  return partitions.filter((partition) => owners.get(partition) !== others.get(partition)).length;
};

describe('the assignment of partitions', () => {
  it('gives every partition to one member, in shares that differ by one at most, in whatever order they are listed', () => {
    fc.assert(
      fc.property(names, (members) => {
        const owners = assign(members, partitions);
        expect([...owners.keys()].sort((a, b) => a - b)).toEqual(partitions);
        const shares = members.map((member) => [...owners.values()].filter((owner) => owner === member).length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(assign([...members].reverse(), partitions)).toEqual(owners);
        expect(assign([...members, ...members], partitions)).toEqual(owners);
      }),
      { numRuns: 50 },
    );
  });

  it('gives a single member everything, and nobody nothing', () => {
    expect(new Set(assign(['a'], partitions).values())).toEqual(new Set(['a']));
    expect(assign([], partitions).size).toBe(0);
  });

  it('moves hardly more than the share of the member that comes or goes, also among names that differ in one character', () => {
    const three = ['scanner-0', 'scanner-1', 'scanner-2'];
    expect(moved(three, [...three, 'scanner-3'])).toBeLessThan(32);
    expect(moved(three, three.slice(0, 2))).toBeLessThan(40);
  });
});
