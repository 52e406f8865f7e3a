// Lists over HTTP: GET /Appointment, /Person, /Contact, /Archive/{provider} and /Archive/dynamic with OData-like
// parameters.

import type { Appointments } from '../appointments/appointments.ts';
import { type AddRoute, type Answer, type Call, ok, textParam } from '../http/call.ts';
import { badArgument, SoError } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import { addArchiveAgent, type FindArchive } from './archive-agent.ts';
import { type Archive, type ArchiveQuery, runArchive } from './archive-query.ts';
import { allUsersArchive, findAppointmentArchive } from './archives.ts';
import { contactArchive, personArchive, selectionArchive } from './directory-archives.ts';
import { dynamicArchive } from './dynamic-archive.ts';

/** Undocumented in the product: small here, so that a client that forgets `$top` notices. */
const defaultTop = 50;
const maxTop = 10_000;

export function addArchiveRoutes(add: AddRoute, appointments: Appointments, database: Database): void {
  const findAppointment = findAppointmentArchive(database, appointments.entities);
  const allUsers = allUsersArchive(database);
  const persons = personArchive(database);
  const contacts = contactArchive(database);
  const selections = selectionArchive(database);
  const find: FindArchive = (provider, columns, use) => {
    switch (provider.toLowerCase()) {
      case 'dynamic':
        return use(dynamicArchive(database, columns));
      case 'allusers':
        return use(allUsers);
      case 'findappointment':
        return use(findAppointment);
      case 'person':
        return use(persons);
      case 'contact':
      case 'findcontact':
        return use(contacts);
      case 'findselection':
        return use(selections);
      default:
        throw new SoError(404, 'SoNotFoundException', `Archive provider '${provider.slice(0, 100)}' not found`);
    }
  };
  add('GET', '/Appointment', (call) => list(findAppointment, call));
  add('GET', '/Person', (call) => list(persons, call));
  add('GET', '/Contact', (call) => list(contacts, call));
  add('GET', '/Archive/:provider', (call) =>
    find(textParam(call, 'provider'), selectOf(call), (archive) => list(archive, call)),
  );
  addArchiveAgent(add, find);
}

/** Answers one page in the OData envelope. */
export function list<Row>(archive: Archive<Row>, call: Call): Answer {
  const query = readQuery(call);
  const page = runArchive(archive, query, { dates: call.dates, associateId: call.actor.associate_id });
  return ok({
    'odata.metadata': `${call.apiUrl}/Archive/$metadata`,
    'odata.nextLink': page.more ? nextLink(call, query) : null,
    value: page.rows,
  });
}

function selectOf(call: Call): readonly string[] {
  const select = call.query.get('$select') ?? '';
  const names = select
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw badArgument('$select is missing');
  return names;
}

function readQuery(call: Call): ArchiveQuery {
  const mode = (call.query.get('$mode') ?? 'Slim').toLowerCase();
  const modes = { slim: 'Slim', wide: 'Wide', full: 'Full' } as const;
  if (mode !== 'slim' && mode !== 'wide' && mode !== 'full') throw badArgument(`$mode '${mode}' is unknown`);
  return {
    select: selectOf(call),
    filter: call.query.get('$filter'),
    orderBy: call.query.get('$orderby'),
    top: Math.min(count(call, '$top', defaultTop), maxTop),
    skip: count(call, '$skip', 0),
    mode: modes[mode],
  };
}

function count(call: Call, name: string, absent: number): number {
  const text = call.query.get(name);
  if (text === null) return absent;
  if (!/^\d{1,9}$/.test(text)) throw badArgument(`${name} is not a number`);
  return Number(text);
}

function nextLink(call: Call, query: ArchiveQuery): string {
  const next = new URL(call.url, call.apiUrl);
  next.searchParams.set('$skip', String(query.skip + query.top));
  return next.href;
}
