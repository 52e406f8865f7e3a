import { partitions } from '@lockstep/contracts';
import { expect, test } from 'vitest';
import { ownerOf } from './share.ts';

const owners = (replicas: readonly string[]) => partitions.map((partition) => ownerOf(partition, replicas));

test('one replica owns everything, none nothing', () => {
  expect(new Set(owners(['a']))).toEqual(new Set(['a']));
  expect(ownerOf(1, [])).toBeUndefined();
});

test('all replicas agree, whatever order they see', () => {
  expect(owners(['a', 'b', 'c'])).toEqual(owners(['c', 'a', 'b']));
});

test('the shares are about equal, also for names that differ in one character', () => {
  const replicas = ['scanner-0', 'scanner-1', 'scanner-2', 'scanner-3'];
  for (const replica of replicas) {
    const share = owners(replicas).filter((owner) => owner === replica).length;
    expect(share).toBeGreaterThanOrEqual(8);
    expect(share).toBeLessThanOrEqual(26);
  }
});

test('a replica that goes moves only its own share', () => {
  const before = owners(['a', 'b', 'c']);
  owners(['a', 'b']).forEach((owner, partition) => {
    if (before[partition] !== 'c') expect(owner).toBe(before[partition]);
  });
});
