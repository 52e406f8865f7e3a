import { expect, test } from 'vitest';
import { LeadershipPhase } from './leadership-phase.ts';

test('a new leader counts for the whole time and grants from then on', () => {
  const phase = new LeadershipPhase(500, 10_000);
  expect([phase.at(500), phase.at(10_499), phase.at(10_500)]).toEqual(['counting', 'counting', 'granting']);
  expect([phase.countingLeftMs(500), phase.countingLeftMs(10_499), phase.countingLeftMs(20_000)]).toEqual([
    10_000, 1, 0,
  ]);
});
