// The shape of a row of the table of errors.

/** `never`: the same request will fail again. `later`: it may succeed later. `busy`: it may succeed after `backOffMs`. */
export type RetryClass = 'never' | 'later' | 'busy';

export interface ErrorRow {
  readonly retry: RetryClass;
  readonly meaning: string;
  readonly advice: string;
}

export const row = (retry: RetryClass, meaning: string, advice: string): ErrorRow => ({ retry, meaning, advice });
