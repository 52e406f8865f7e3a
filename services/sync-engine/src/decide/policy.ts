// What the settings allow for a mailbox, in the words of the decisions.

import {
  type ConflictRule,
  conflictRuleOf,
  directionOf,
  type Instant,
  type ItemKind,
  itemKinds,
  type SyncSettings,
  type UserLink,
  type ZoneName,
} from '@lockstep/contracts';
import { type FieldGroup, kindOf, type MergeRules, type Said } from '@lockstep/items';

const dayMs = 86_400_000;

/** What is allowed for the items of one kind. */
export interface Policy {
  readonly merge: MergeRules;
  /** False where the direction of synchronization forbids to write. */
  readonly mayWrite: { readonly exchange: boolean; readonly superoffice: boolean };
  readonly window: { readonly from: Instant; readonly to: Instant };
  /** How far the window reaches back and forward from today, in days. */
  readonly reach: { readonly back: number; readonly forward: number };
  readonly zone: ZoneName;
}

export type Policies = Readonly<Record<ItemKind, Policy>>;

export function policiesOf(settings: SyncSettings, user: UserLink, now: Instant): Policies {
  const entries = itemKinds.map((kind) => [kind, policyOf(kind, settings, user, now)]);
  return Object.fromEntries(entries) as Record<ItemKind, Policy>;
}

export function policyOf(kind: ItemKind, settings: SyncSettings, user: UserLink, now: Instant): Policy {
  const direction = user.enabled ? directionOf(settings, kind) : 'off';
  const { windowBackDays: back, windowForwardDays: forward } = settings;
  const shifted = (days: number) => new Date(Date.parse(now) + days * dayMs).toISOString();
  return {
    merge: { ruleOf: conflictRulesOf(settings, kind), zone: user.zone },
    mayWrite: {
      exchange: direction === 'both' || direction === 'to-exchange',
      superoffice: direction === 'both' || direction === 'to-superoffice',
    },
    window: { from: shifted(-back), to: shifted(forward) },
    reach: { back, forward },
    zone: user.zone,
  };
}

/** With one direction only, the side that is never written to wins each conflict. */
function conflictRulesOf(settings: SyncSettings, kind: ItemKind): (group: FieldGroup) => ConflictRule {
  const direction = directionOf(settings, kind);
  if (direction === 'to-superoffice') return () => 'exchange';
  if (direction === 'to-exchange') return () => 'superoffice';
  return (group) => conflictRuleOf(settings, kind, group);
}

/** True when items of this kind are carried over in at least one direction. */
export const isOn = ({ mayWrite }: Policy): boolean => mayWrite.exchange || mayWrite.superoffice;

/** The window bounds what is begun, never what is linked already: leaving it unlinks and deletes nothing. */
export function isInWindow({ kind, content }: Said, { window, zone }: Policy): boolean {
  const span = kindOf(kind).spanOf(content, zone);
  return span === undefined || (span.end >= window.from && span.start < window.to);
}
