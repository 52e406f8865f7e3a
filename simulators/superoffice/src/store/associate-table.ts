// Users by login and e-mail address in any case: asked for with every request.
import { IndexedTable, indexedBy } from './indexed-table.ts';
import { RowIndex } from './row-index.ts';
import type { AssociateRow } from './rows.ts';

export class AssociateTable extends IndexedTable<AssociateRow> {
  readonly #byName: RowIndex<string>;
  readonly #byAddress: RowIndex<string>;

  constructor(changed: () => void) {
    const byName = new RowIndex<string>();
    const byAddress = new RowIndex<string>();
    super(changed, [
      indexedBy(byName, (row) => row.name.toLowerCase()),
      indexedBy(byAddress, (row) => row.userName.toLowerCase()),
    ]);
    this.#byName = byName;
    this.#byAddress = byAddress;
  }

  withLogin(login: string): AssociateRow | undefined {
    const wanted = login.toLowerCase();
    return this.rowsOf(this.#byName.get(wanted))[0] ?? this.rowsOf(this.#byAddress.get(wanted))[0];
  }
}
