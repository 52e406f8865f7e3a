// The words of Exchange and ours. A word of Exchange that we do not know is kept as it is written and never written back; one of
// ours that Exchange does not know is not written either.
import { Sensitivity } from 'ews-javascript-api';

/** One word: as Exchange writes it, as we say it, and the library's value for writing it. */
export interface Word<V> {
  readonly exchange: string;
  readonly ours: string;
  readonly value: V;
}

/** Our word for what Exchange wrote. */
export function oursFor(words: readonly Word<unknown>[], exchange: string): string {
  return words.find((word) => word.exchange === exchange)?.ours ?? exchange;
}

/** What to write for a word of ours; undefined when Exchange does not know it. */
export function valueFor<V>(words: readonly Word<V>[], ours: string | undefined): V | undefined {
  return words.find((word) => word.ours === ours)?.value;
}

export const privacyWords: readonly Word<Sensitivity>[] = [
  { exchange: 'Normal', ours: 'normal', value: Sensitivity.Normal },
  { exchange: 'Personal', ours: 'personal', value: Sensitivity.Personal },
  { exchange: 'Private', ours: 'private', value: Sensitivity.Private },
  { exchange: 'Confidential', ours: 'confidential', value: Sensitivity.Confidential },
];
