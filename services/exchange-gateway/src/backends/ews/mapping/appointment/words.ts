// Busy states: the words of Exchange and ours.
import { LegacyFreeBusyStatus } from 'ews-javascript-api';
import type { Word } from '../words.ts';

export const busyWords: readonly Word<LegacyFreeBusyStatus>[] = [
  { exchange: 'Free', ours: 'free', value: LegacyFreeBusyStatus.Free },
  { exchange: 'Tentative', ours: 'tentative', value: LegacyFreeBusyStatus.Tentative },
  { exchange: 'Busy', ours: 'busy', value: LegacyFreeBusyStatus.Busy },
  { exchange: 'OOF', ours: 'out-of-office', value: LegacyFreeBusyStatus.OOF },
  { exchange: 'WorkingElsewhere', ours: 'elsewhere', value: LegacyFreeBusyStatus.WorkingElsewhere },
];
