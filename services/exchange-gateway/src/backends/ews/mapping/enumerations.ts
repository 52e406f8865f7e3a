// Busy states and privacies: the words of Exchange and ours. A word of Exchange that we do not know is kept as it is written and
// never written back; one of ours that Exchange does not know is not written either.
import { LegacyFreeBusyStatus, Sensitivity } from 'ews-javascript-api';

interface Word {
  readonly exchange: string;
  readonly ours: string;
}

const busyWords: readonly Word[] = [
  { exchange: 'Free', ours: 'free' },
  { exchange: 'Tentative', ours: 'tentative' },
  { exchange: 'Busy', ours: 'busy' },
  { exchange: 'OOF', ours: 'out-of-office' },
  { exchange: 'WorkingElsewhere', ours: 'elsewhere' },
];

const privacyWords: readonly Word[] = [
  { exchange: 'Normal', ours: 'normal' },
  { exchange: 'Personal', ours: 'personal' },
  { exchange: 'Private', ours: 'private' },
  { exchange: 'Confidential', ours: 'confidential' },
];

const oursFor = (words: readonly Word[], exchange: string): string =>
  words.find((word) => word.exchange === exchange)?.ours ?? exchange;

/** Our word for a LegacyFreeBusyStatus; an item without one is busy, as Outlook shows it. */
export const busyOf = (exchange: string | undefined): string => oursFor(busyWords, exchange ?? 'Busy');

/** Our word for a Sensitivity. */
export const privacyOf = (exchange: string | undefined): string => oursFor(privacyWords, exchange ?? 'Normal');

/** The status to write; undefined when Exchange does not know the word. */
export function freeBusyStatusFor(busy: string): LegacyFreeBusyStatus | undefined {
  switch (busy) {
    case 'free':
      return LegacyFreeBusyStatus.Free;
    case 'tentative':
      return LegacyFreeBusyStatus.Tentative;
    case 'busy':
      return LegacyFreeBusyStatus.Busy;
    case 'out-of-office':
      return LegacyFreeBusyStatus.OOF;
    case 'elsewhere':
      return LegacyFreeBusyStatus.WorkingElsewhere;
    default:
      return undefined;
  }
}

/** The sensitivity to write; undefined when Exchange does not know the word. */
export function sensitivityFor(privacy: string): Sensitivity | undefined {
  switch (privacy) {
    case 'normal':
      return Sensitivity.Normal;
    case 'personal':
      return Sensitivity.Personal;
    case 'private':
      return Sensitivity.Private;
    case 'confidential':
      return Sensitivity.Confidential;
    default:
      return undefined;
  }
}
