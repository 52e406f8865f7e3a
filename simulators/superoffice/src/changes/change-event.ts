// What a write tells the webhooks. `changes` are column names; a delete carries `values` instead of field values, and
// for an activity these do not say whose it was.

export interface ChangeEvent {
  readonly entity: string;
  readonly action: string;
  readonly primaryKey: number;
  readonly changes: readonly string[];
  readonly fieldValues?: Readonly<Record<string, unknown>>;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly changedBy: number;
}

export type EventSink = (event: ChangeEvent) => void;
