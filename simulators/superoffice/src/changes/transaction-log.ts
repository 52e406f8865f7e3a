// The travel transaction log: one row for each insert, update, delete and change of owner of a built-in table. Soft
// deletes and merges are not in it, as in the product. `ttime` is base-local wall time, unlike almost everything else.

import type { Database } from '../store/database.ts';
import type { Clock } from '../time/clock.ts';
import type { TimeZone } from '../time/time-zone.ts';

export const transactionTypes = { insert: 4352, update: 4608, delete: 4864, updateOwner: 5120 } as const;

export const tableNumbers = { contact: 5, person: 6, appointment: 9, selection: 23, associate: 58 } as const;

export class TransactionLog {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #base: TimeZone;

  constructor(database: Database, clock: Clock, base: TimeZone) {
    this.#database = database;
    this.#clock = clock;
    this.#base = base;
  }

  /** @param previousId for a change of owner the associate that lost the row, else 0. */
  add(
    kind: keyof typeof transactionTypes,
    table: keyof typeof tableNumbers,
    recordId: number,
    associateId: number,
    previousId = 0,
  ): void {
    const id = this.#database.transactions.takeId();
    this.#database.transactions.set(id, {
      traveltransactionlog_id: id,
      ttime: this.#base.toWall(this.#clock.nowSecondMs()),
      prev_record_id: previousId,
      type: transactionTypes[kind],
      associate_id: associateId,
      tablenumber: tableNumbers[table],
      record_id: recordId,
      flags: 0,
      application_id: 0,
    });
  }
}
