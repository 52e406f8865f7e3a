// Lists: FindAppointment (behind GET /Appointment), AllUsers, and tables through the dynamic archive.
// Always in full mode, whose `RawValue` is the stored value where slim mode shows a login; always with `$top`, a filter
// and keyset paging, since the server's own paging costs the square of the pages.
import { type CodedError, failure, type Outcome, success } from '@lockstep/contracts';
import { type ArchiveRow, archivePage } from './entities.ts';
import { parseBody, type SuperOfficeCall, type SuperOfficeHttp } from './http.ts';

/** A row of FindAppointment. Times as the archive writes them: to compare and to hand back, not to show. */
export interface ListedAppointment {
  readonly id: number;
  readonly associateId: number | undefined;
  /** AppointmentType as a number: 1 is a diary row, 6 an invitation. */
  readonly type: number | undefined;
  readonly updated: string | undefined;
  readonly registered: string | undefined;
}

export interface DeleteRecord {
  readonly logId: number;
  readonly appointmentId: number;
}

export interface ListedUser {
  readonly associateId: number;
  readonly name: string;
  readonly fullName: string;
  readonly email: string | undefined;
  readonly active: boolean;
}

const appointmentTable = 9;
const deleteType = 4864;
const log = 'traveltransactionlog';

export class ArchiveApi {
  readonly #http: SuperOfficeHttp;

  constructor(http: SuperOfficeHttp) {
    this.#http = http;
  }

  /** Appointments that meet the filter, by ascending id after `afterId`. */
  async appointments(
    filter: string,
    afterId: number,
    top: number,
    signal: AbortSignal,
  ): Promise<Outcome<readonly ListedAppointment[]>> {
    const rows = await this.#rows(
      'list-appointments',
      '/Appointment',
      {
        $select: 'appointmentId,associateId,rawType,updatedDate,registeredDate',
        $filter: `(${filter}) and appointmentId gt ${afterId}`,
        $orderby: 'appointmentId',
        $top: String(top),
      },
      signal,
    );
    if (!rows.ok) return rows;
    return success(
      rows.value.map((row) => ({
        id: Number(row.PrimaryKey),
        associateId: numberIn(row, 'associateId'),
        type: numberIn(row, 'rawType'),
        updated: textIn(row, 'updatedDate'),
        registered: textIn(row, 'registeredDate'),
      })),
    );
  }

  /** Delete records of appointments in the transaction log, by ascending log id after `afterLogId`. */
  deletes(afterLogId: number, top: number, signal: AbortSignal): Promise<Outcome<readonly DeleteRecord[]>> {
    return this.#deletes(`${log}.${log}_id gt ${afterLogId}`, top, signal);
  }

  /** The delete record of one appointment, if the log still has it. */
  deletesOf(appointmentId: number, signal: AbortSignal): Promise<Outcome<readonly DeleteRecord[]>> {
    return this.#deletes(`${log}.record_id = ${appointmentId}`, 1, signal);
  }

  /** The newest delete record; undefined when there is none. */
  async lastDelete(signal: AbortSignal): Promise<Outcome<DeleteRecord | undefined>> {
    const records = await this.#deletes(`${log}.${log}_id gt 0`, 1, signal, ' desc');
    return records.ok ? success(records.value[0]) : records;
  }

  /** People and other associates by ascending id after `afterAssociateId`; retired ones too. */
  async users(afterAssociateId: number, top: number, signal: AbortSignal): Promise<Outcome<readonly ListedUser[]>> {
    const rows = await this.#rows(
      'list-associates',
      '/Archive/AllUsers',
      {
        $select: 'associateDbId,assocName,fullName,personEmail,userName,isActive,assocType',
        $filter: `associateDbId gt ${afterAssociateId}`,
        $orderby: 'associateDbId',
        $top: String(top),
      },
      signal,
    );
    return rows.ok ? success(rows.value.map(userOf)) : rows;
  }

  async #deletes(
    filter: string,
    top: number,
    signal: AbortSignal,
    order = '',
  ): Promise<Outcome<readonly DeleteRecord[]>> {
    const rows = await this.#rows(
      'list-deletes',
      '/Archive/dynamic',
      {
        $select: `${log}.${log}_id,${log}.record_id,${log}.type,${log}.tablenumber`,
        $filter: `${log}.tablenumber = ${appointmentTable} and ${log}.type = ${deleteType} and ${filter}`,
        $orderby: `${log}.${log}_id${order}`,
        $top: String(top),
      },
      signal,
    );
    if (!rows.ok) return rows;
    const records = rows.value.flatMap((row) => {
      const logId = numberIn(row, `${log}.${log}_id`);
      const appointmentId = numberIn(row, `${log}.record_id`);
      return logId === undefined || appointmentId === undefined ? [] : [{ logId, appointmentId }];
    });
    return success(records);
  }

  async #rows(
    name: string,
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Outcome<readonly ArchiveRow[]>> {
    const call: SuperOfficeCall = { name, method: 'GET', path, query: { ...query, $mode: 'Full' }, repeatable: true };
    const sent = await this.#http.send(call, signal);
    if (!sent.ok) return sent;
    if (sent.value.status !== 200) return failure('superoffice-refused', { detail: `HTTP ${sent.value.status}` });
    const page = parseBody(archivePage, call, sent.value.body);
    return page.ok ? success(page.value.value) : page;
  }
}

/** True when the transaction log is closed to us or unknown to this server, so that asking again is of no use. */
export function isUnreadableLog(error: CodedError): boolean {
  return error.code === 'superoffice-access-denied' || error.code === 'superoffice-refused';
}

function userOf(row: ArchiveRow): ListedUser {
  const email = textIn(row, 'personEmail') || textIn(row, 'userName');
  const kind = textIn(row, 'assocType') ?? '';
  const person = !/resource|system|anonymous|external/i.test(kind);
  return {
    associateId: numberIn(row, 'associateDbId') ?? Number(row.PrimaryKey),
    name: textIn(row, 'assocName') ?? '',
    fullName: textIn(row, 'fullName') ?? '',
    email: email === undefined || !email.includes('@') ? undefined : email,
    active: person && isTrue(row.Column['isActive']?.RawValue),
  };
}

/** A flag comes as a JSON boolean, a number or a text, by server and provider. */
function isTrue(raw: unknown): boolean {
  return raw === true || raw === 1 || (typeof raw === 'string' && /^(true|1)$/i.test(raw));
}

function numberIn(row: ArchiveRow, column: string): number | undefined {
  const raw = row.Column[column]?.RawValue;
  const number = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function textIn(row: ArchiveRow, column: string): string | undefined {
  const raw = row.Column[column]?.RawValue;
  return typeof raw === 'string' && raw !== '' ? raw : undefined;
}
