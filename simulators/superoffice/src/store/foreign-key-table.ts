// Foreign keys by the record that they hang on, by device, and by value: a synchronizer asks for each of these with
// every item that it handles.
import { IndexedTable, indexedBy } from './indexed-table.ts';
import { RowIndex } from './row-index.ts';
import type { ForeignKeyRow } from './rows.ts';

export class ForeignKeyTable extends IndexedTable<ForeignKeyRow> {
  readonly #byRecord: RowIndex<string>;
  readonly #byDevice: RowIndex<number>;
  readonly #byValue: RowIndex<string>;

  constructor(changed: () => void) {
    const byRecord = new RowIndex<string>();
    const byDevice = new RowIndex<number>();
    const byValue = new RowIndex<string>();
    super(changed, [
      indexedBy(byRecord, (row) => `${row.tableName}/${row.recordId}`),
      indexedBy(byDevice, (row) => row.deviceId),
      indexedBy(byValue, (row) => `${row.deviceId}/${row.value}`),
    ]);
    this.#byRecord = byRecord;
    this.#byDevice = byDevice;
    this.#byValue = byValue;
  }

  ofRecord(tableName: string, recordId: number): readonly ForeignKeyRow[] {
    return this.rowsOf(this.#byRecord.get(`${tableName}/${recordId}`));
  }

  ofDevice(deviceId: number): readonly ForeignKeyRow[] {
    return this.rowsOf(this.#byDevice.get(deviceId));
  }

  ofValue(deviceId: number, value: string): readonly ForeignKeyRow[] {
    return this.rowsOf(this.#byValue.get(`${deviceId}/${value}`));
  }
}
