// What the settings allow for a mailbox, in the words of the decisions.

import {
  type AppointmentContent,
  type ConflictRule,
  type FieldGroup,
  fieldGroups,
  type Instant,
  type SyncSettings,
  type UserLink,
  type ZoneName,
} from '@lockstep/contracts';
import type { MergeRules } from '@lockstep/items';
import { startOfDay } from '@lockstep/items';

const dayMs = 86_400_000;

export interface Policy {
  readonly merge: MergeRules;
  /** False where the direction of synchronization forbids to write. */
  readonly mayWrite: { readonly exchange: boolean; readonly superoffice: boolean };
  readonly window: { readonly from: Instant; readonly to: Instant };
  readonly zone: ZoneName;
}

export function policyOf(settings: SyncSettings, user: UserLink, now: Instant): Policy {
  const direction = settings.appointments;
  const shifted = (days: number) => new Date(Date.parse(now) + days * dayMs).toISOString();
  return {
    merge: { conflictRules: conflictRulesOf(settings), zone: user.zone },
    mayWrite: {
      exchange: direction === 'both' || direction === 'to-exchange',
      superoffice: direction === 'both' || direction === 'to-superoffice',
    },
    window: { from: shifted(-settings.windowBackDays), to: shifted(settings.windowForwardDays) },
    zone: user.zone,
  };
}

/** With one direction only, the side that is never written to wins each conflict. */
function conflictRulesOf(settings: SyncSettings): SyncSettings['conflictRules'] {
  if (settings.appointments === 'to-superoffice') return everyGroup('exchange');
  if (settings.appointments === 'to-exchange') return everyGroup('superoffice');
  return settings.conflictRules;
}

function everyGroup(rule: ConflictRule): SyncSettings['conflictRules'] {
  return Object.fromEntries(fieldGroups.map((group) => [group, rule])) as Record<FieldGroup, ConflictRule>;
}

/** The instant at which an appointment begins, a whole-day one at the start of its first day. */
export function startOf(content: AppointmentContent, zone: ZoneName): Instant {
  const { time } = content;
  return time.kind === 'timed' ? time.start : startOfDay(time.firstDate, time.zone ?? zone);
}

/** The window bounds what is begun, never what is linked already: leaving it unlinks and deletes nothing. */
export function isInWindow(content: AppointmentContent, { window, zone }: Policy): boolean {
  const { time } = content;
  const end =
    time.kind === 'timed'
      ? time.end
      : new Date(Date.parse(startOfDay(time.lastDate, time.zone ?? zone)) + dayMs).toISOString();
  return end >= window.from && startOf(content, zone) < window.to;
}
