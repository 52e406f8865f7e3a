// The two-way merge of a linked pair, group by group: who changed what since both last agreed, and what to write where.
// Pure: it reads no clock. The table is that of design "Synchronizing"; deletes are decided elsewhere.
import {
  type AppointmentChanges,
  type AppointmentContent,
  type ConflictRule,
  type FieldGroup,
  fieldGroups,
  type Instant,
  type Side,
  type ZoneName,
} from '@lockstep/contracts';
import { commonForm, fieldsForExchange, fieldsForSuperOffice, type GroupHashes, groupHashes } from './common-form.ts';

/** Changes less than this apart count as simultaneous, since the two servers' clocks differ; then SuperOffice wins. */
export const simultaneousMs = 5_000;

/** What one side says now, and when it says it was last changed (absent: unknown). */
export interface SideNow {
  readonly content: AppointmentContent;
  readonly modifiedAt?: Instant | undefined;
}

/** A group that both sides changed differently. `lost` is the losing value in the common form, for the history. */
export interface Conflict {
  readonly group: FieldGroup;
  readonly rule: ConflictRule;
  readonly winner: Side;
  readonly lost: unknown;
}

/** What to write where, and what both sides will have agreed on once that is written. */
export interface MergePlan {
  readonly exchangeGroups: readonly FieldGroup[];
  readonly superofficeGroups: readonly FieldGroup[];
  /** Undefined when nothing is to be written to that side. */
  readonly toExchange: AppointmentChanges | undefined;
  readonly toSuperOffice: AppointmentChanges | undefined;
  readonly agreed: GroupHashes;
  readonly conflicts: readonly Conflict[];
  /** Groups left alone because the text was too long to be carried whole. */
  readonly skipped: readonly FieldGroup[];
}

export interface MergeRules {
  readonly conflictRules: { readonly [G in FieldGroup]: ConflictRule };
  /** The zone in which to plan what SuperOffice moved, when the Exchange item has none. */
  readonly zone: ZoneName;
}

type Winner = Side | 'same' | 'skipped';

/**
 * Merges a pair. Without `agreed` (first pairing) every group that differs is a conflict.
 *
 * For each group: changed on one side → written to the other; changed on both to equal values → recorded; changed on
 * both differently → the group's rule decides, and the losing value is reported.
 */
export function merge(
  agreed: GroupHashes | undefined,
  exchange: SideNow,
  superoffice: SideNow,
  rules: MergeRules,
): MergePlan {
  const exchangeHashes = groupHashes(exchange.content);
  const superofficeHashes = groupHashes(superoffice.content);
  const winners = new Map<FieldGroup, Winner>();
  const conflicts: Conflict[] = [];
  for (const group of fieldGroups) {
    const hashes = { agreed: agreed?.[group], exchange: exchangeHashes[group], superoffice: superofficeHashes[group] };
    const winner = cannotCarry(group, exchange, superoffice) ? 'skipped' : winnerOf(hashes);
    if (winner !== 'conflict') {
      winners.set(group, winner);
      continue;
    }
    const rule = rules.conflictRules[group];
    const chosen = decide(rule, exchange, superoffice);
    const loser = chosen === 'exchange' ? superoffice : exchange;
    conflicts.push({ group, rule, winner: chosen, lost: commonForm(loser.content, group) });
    winners.set(group, chosen);
  }
  const wonBy = (winner: Winner) => fieldGroups.filter((group) => winners.get(group) === winner);
  const exchangeGroups = wonBy('superoffice');
  const superofficeGroups = wonBy('exchange');
  const zone = exchange.content.time.zone ?? rules.zone;
  const agreedNow = (group: FieldGroup) => {
    if (winners.get(group) === 'skipped') return agreed?.[group] ?? exchangeHashes[group];
    return winners.get(group) === 'superoffice' ? superofficeHashes[group] : exchangeHashes[group];
  };
  return {
    exchangeGroups,
    superofficeGroups,
    toExchange:
      exchangeGroups.length === 0
        ? undefined
        : inZone(fieldsForExchange(superoffice.content, exchangeGroups, zone), zone),
    toSuperOffice:
      superofficeGroups.length === 0 ? undefined : fieldsForSuperOffice(exchange.content, superofficeGroups),
    agreed: Object.fromEntries(fieldGroups.map((group) => [group, agreedNow(group)])) as Record<FieldGroup, string>,
    conflicts,
    skipped: wonBy('skipped'),
  };
}

function winnerOf(hashes: { agreed: string | undefined; exchange: string; superoffice: string }): Winner | 'conflict' {
  if (hashes.exchange === hashes.superoffice) return 'same';
  if (hashes.exchange === hashes.agreed) return 'superoffice';
  if (hashes.superoffice === hashes.agreed) return 'exchange';
  return 'conflict';
}

function decide(rule: ConflictRule, exchange: SideNow, superoffice: SideNow): Side {
  if (rule !== 'newer') return rule;
  if (exchange.modifiedAt === undefined || superoffice.modifiedAt === undefined) return 'superoffice';
  const aheadMs = Date.parse(exchange.modifiedAt) - Date.parse(superoffice.modifiedAt);
  return aheadMs > simultaneousMs ? 'exchange' : 'superoffice';
}

/** A cut text is never written over the original, and says nothing about whether the rest changed. */
function cannotCarry(group: FieldGroup, exchange: SideNow, superoffice: SideNow): boolean {
  return group === 'text' && (exchange.content.text.truncated === true || superoffice.content.text.truncated === true);
}

/** An appointment that was moved in SuperOffice stays planned in the zone that it has in Exchange. */
function inZone(changes: AppointmentChanges, zone: ZoneName): AppointmentChanges {
  return changes.time === undefined || changes.time.kind === 'all-day'
    ? changes
    : { ...changes, time: { ...changes.time, zone } };
}
