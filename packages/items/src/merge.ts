// The two-way merge of a linked pair, group by group: who changed what since both last agreed, and what to write where.
// Pure: it reads no clock. The table is that of design "Synchronizing"; deletes are decided elsewhere.
import type { ConflictRule, Instant, ItemContent, ItemKind, Side, ZoneName } from '@lockstep/contracts';
import type { FieldGroup } from './kind.ts';
import { type GroupHashes, groupHashes, groupsOf, kindOf } from './kinds.ts';

/** Changes less than this apart count as simultaneous, since the two servers' clocks differ; then SuperOffice wins. */
export const simultaneousMs = 5_000;

/** What one side says now, and when it says it was last changed (absent: unknown). */
export interface SideNow {
  readonly content: ItemContent;
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
  readonly toExchange: ItemContent | undefined;
  readonly toSuperOffice: ItemContent | undefined;
  /** Groups that this release does not know stay as they were. */
  readonly agreed: GroupHashes;
  readonly conflicts: readonly Conflict[];
  /** Groups left alone because one side gave only a part of them. */
  readonly skipped: readonly FieldGroup[];
}

export interface MergeRules {
  readonly ruleOf: (group: FieldGroup) => ConflictRule;
  /** The zone in which to plan what SuperOffice moved, when the Exchange item has none. */
  readonly zone: ZoneName;
}

type Winner = Side | 'same' | 'skipped';

/**
 * Merges a pair of one kind. A group that `agreed` lacks (first pairing, or a group that is new in this release) is recorded
 * when both sides are equal, else it is a conflict.
 *
 * For each group: changed on one side → written to the other; changed on both to equal values → recorded; changed on
 * both differently → the group's rule decides, and the losing value is reported.
 */
export function merge(
  kind: ItemKind,
  agreed: GroupHashes | undefined,
  exchange: SideNow,
  superoffice: SideNow,
  rules: MergeRules,
): MergePlan {
  const { commonForm, fieldsFor, cutGroups } = kindOf(kind);
  const groups = groupsOf(kind);
  const exchangeHashes = groupHashes({ kind, content: exchange.content });
  const superofficeHashes = groupHashes({ kind, content: superoffice.content });
  const cut = new Set([...cutGroups(exchange.content), ...cutGroups(superoffice.content)]);
  const winners = new Map<FieldGroup, Winner>();
  const conflicts: Conflict[] = [];
  for (const group of groups) {
    const winner = cut.has(group)
      ? 'skipped'
      : winnerOf(agreed?.[group], exchangeHashes[group], superofficeHashes[group]);
    if (winner !== 'conflict') {
      winners.set(group, winner);
      continue;
    }
    const rule = rules.ruleOf(group);
    const chosen = decide(rule, exchange, superoffice);
    const loser = chosen === 'exchange' ? superoffice : exchange;
    conflicts.push({ group, rule, winner: chosen, lost: commonForm(loser.content, group) });
    winners.set(group, chosen);
  }
  const wonBy = (winner: Winner) => groups.filter((group) => winners.get(group) === winner);
  const exchangeGroups = wonBy('superoffice');
  const superofficeGroups = wonBy('exchange');
  const fieldsOrNone = (side: Side, from: SideNow, target: SideNow, won: readonly FieldGroup[]) =>
    won.length === 0 ? undefined : fieldsFor(side, from.content, won, { zone: rules.zone, target: target.content });
  const agreedNow = (group: FieldGroup) => {
    if (winners.get(group) === 'skipped') return agreed?.[group] ?? exchangeHashes[group];
    return winners.get(group) === 'superoffice' ? superofficeHashes[group] : exchangeHashes[group];
  };
  return {
    exchangeGroups,
    superofficeGroups,
    toExchange: fieldsOrNone('exchange', superoffice, exchange, exchangeGroups),
    toSuperOffice: fieldsOrNone('superoffice', exchange, superoffice, superofficeGroups),
    agreed: { ...agreed, ...Object.fromEntries(groups.map((group) => [group, agreedNow(group) ?? ''])) },
    conflicts,
    skipped: wonBy('skipped'),
  };
}

function winnerOf(
  agreed: string | undefined,
  exchange: string | undefined,
  superoffice: string | undefined,
): Winner | 'conflict' {
  if (exchange === superoffice) return 'same';
  if (exchange === agreed) return 'superoffice';
  if (superoffice === agreed) return 'exchange';
  return 'conflict';
}

function decide(rule: ConflictRule, exchange: SideNow, superoffice: SideNow): Side {
  if (rule !== 'newer') return rule;
  if (exchange.modifiedAt === undefined || superoffice.modifiedAt === undefined) return 'superoffice';
  const aheadMs = Date.parse(exchange.modifiedAt) - Date.parse(superoffice.modifiedAt);
  return aheadMs > simultaneousMs ? 'exchange' : 'superoffice';
}
