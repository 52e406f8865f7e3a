// What of a mailbox has been compared and followed ever since, by the settings: whatever becomes allowed beyond that has to be
// compared, because what happened while it was not allowed was not carried over. Pure.
import { firstKind, type ItemKind } from '@lockstep/contracts';
import type { Coverage, MailboxRecord } from '../state/mailbox-record.ts';
import { isOn, type Policies, type Policy } from './policy.ts';

/** What the settings allow now. */
export function coverageOf(policies: Policies): Coverage {
  const kinds = Object.entries(policies).filter(([, policy]) => isOn(policy));
  return Object.fromEntries(kinds.map(([kind, policy]) => [kind, partOf(policy)]));
}

function partOf({ mayWrite, reach }: Policy): Coverage[string] {
  return { ...mayWrite, ...reach };
}

/** What both allow. */
export function narrowed(covered: Coverage, present: Coverage): Coverage {
  const both = Object.entries(covered).flatMap(([kind, one]) => {
    const other = present[kind];
    return other === undefined ? [] : [[kind, common(one, other)] as const];
  });
  return Object.fromEntries(both);
}

/** The changes to a record that the present settings make: what they forbid is not followed from here on. */
export function narrowedRecord(record: MailboxRecord, policies: Policies): Partial<MailboxRecord> | undefined {
  const present = coverageOf(policies);
  const { compare } = record;
  const before = coveredBy(record, policies);
  const covered = before && narrowed(before, present);
  const coverage = compare?.coverage && narrowed(compare.coverage, present);
  if (isSame(record.covered, covered) && isSame(compare?.coverage, coverage)) return undefined;
  return { ...(covered ? { covered } : {}), ...(compare && coverage ? { compare: { ...compare, coverage } } : {}) };
}

/** Do the settings allow what was not compared and followed? Not before a first compare ended, nor while one runs. */
export function isWidened(record: MailboxRecord, policies: Policies): boolean {
  const covered = coveredBy(record, policies);
  if (record.compare !== undefined || covered === undefined) return false;
  const present = coverageOf(policies);
  return !isSame(narrowed(covered, present), present);
}

/** Has the mailbox anything to remember or to compare, because the settings are not what it last followed? */
export function followsNot(record: MailboxRecord, policies: Policies): boolean {
  return narrowedRecord(record, policies) !== undefined || isWidened(record, policies);
}

/** The first release recorded nothing: what it knew is taken for covered as it is allowed now. */
function coveredBy(record: MailboxRecord, policies: Policies): Coverage | undefined {
  if (record.covered !== undefined || !record.firstLoadDone) return record.covered;
  const known: ItemKind = firstKind;
  return { [known]: partOf(policies[known]) };
}

function common(one: Coverage[string], other: Coverage[string]): Coverage[string] {
  return {
    exchange: one.exchange && other.exchange,
    superoffice: one.superoffice && other.superoffice,
    back: Math.min(one.back, other.back),
    forward: Math.min(one.forward, other.forward),
  };
}

function isSame(one: Coverage | undefined, other: Coverage | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const kinds = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...kinds].every((kind) => {
    const [a, b] = [one[kind], other[kind]];
    if (a === undefined || b === undefined) return false;
    return a.exchange === b.exchange && a.superoffice === b.superoffice && a.back === b.back && a.forward === b.forward;
  });
}
