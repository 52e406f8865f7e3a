// Holds our answers against the payloads that SuperOffice's own client ships as test data: each property of theirs must
// be in ours with the same kind of value, and the client must read both alike.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { closeAll, start } from './harness.ts';

afterEach(closeAll);

const require = createRequire(import.meta.url);
const root = packageRoot(require.resolve('@superoffice/webapi'));
const converters = require(join(root, 'dist/cjs/Converters.js')) as Record<
  string,
  (value: unknown) => Record<string, unknown>
>;

function packageRoot(file: string): string {
  const folder = dirname(file);
  return existsSync(join(folder, '__tests__')) ? folder : packageRoot(folder);
}

type Json = Record<string, unknown>;
const golden = (name: string): Json =>
  JSON.parse(readFileSync(join(root, '__tests__', name), 'utf8').replace(/^\uFEFF/, '')) as Json;

/** Dictionaries whose keys are the tenant's own, and lists whose items depend on its data. */
const own = new Set([
  'FieldProperties',
  'CustomFields',
  'UserDefinedFields',
  'ExtraFields',
  '_Links',
  'Interests',
  'ShipmentTypes',
  'Consents',
  'LocalizedAddress',
  'Links',
]);

/** Paths of theirs that are missing or of another kind in ours. A null on either side says nothing about the kind. */
function differences(theirs: unknown, ours: unknown, path = ''): readonly string[] {
  if (theirs === null || ours === null) return [];
  if (ours === undefined) return [`${path} is missing`];
  if (Array.isArray(theirs) || Array.isArray(ours)) {
    if (!Array.isArray(theirs) || !Array.isArray(ours)) return [`${path} is a list on one side only`];
    return theirs.length === 0 || ours.length === 0 ? [] : differences(theirs[0], ours[0], `${path}[0]`);
  }
  if (typeof theirs !== typeof ours) return [`${path}: ${typeof theirs} there, ${typeof ours} here`];
  if (typeof theirs !== 'object')
    return dateForm(theirs) === dateForm(ours) ? [] : [`${path}: ${String(theirs)} / ${String(ours)}`];
  return Object.entries(theirs as Json).flatMap(([name, value]) =>
    own.has(name) ? [] : differences(value, (ours as Json)[name], `${path}.${name}`),
  );
}

/** The shape of a date text, so that `Z` and no `Z` differ; other texts are alike. */
const dateForm = (value: unknown): string => {
  const text = typeof value === 'string' ? value : '';
  return /^\d{4}-\d\d-\d\dT/.test(text) ? text.replace(/\d/g, '0').replace(/[+-]00:00$/, '+') : '';
};

async function meeting() {
  const simulator = await start();
  const { api, alice } = simulator;
  const company = (await api('POST', '/Contact', { Name: 'Fjord Kebab AS' })).body;
  const emails = [{ Value: 'arne@fjordkebab.no' }];
  const person = (
    await api('POST', '/Person', { Firstname: 'Arne', Contact: { ContactId: company.ContactId }, Emails: emails })
  ).body;
  const made = await api('POST', '/Appointment', {
    Title: 'Review',
    StartDate: '2002-03-31T16:00:00Z',
    EndDate: '2002-03-31T17:00:00Z',
    Associate: { AssociateId: alice },
    Contact: { ContactId: company.ContactId },
    Person: { PersonId: person.PersonId },
    Task: { TaskListItemId: 2 },
  });
  return {
    ...simulator,
    appointment: made.body.AppointmentId as number,
    person: person.PersonId as number,
    company: company.ContactId as number,
  };
}

test('an appointment has their properties and kinds, with each form of dates', async () => {
  const { api, appointment } = await meeting();
  for (const [file, header] of [
    ['Appointment63.json', ''],
    ['Appointment63-utctz.json', 'utc, includeTZOffset'],
    ['Appointment63-notz.json', 'NO, includeTZOffset'],
  ] as const) {
    const ours = (await api('GET', `/Appointment/${appointment}`, undefined, { 'SO-TimeZone': header })).body;
    expect([file, ...differences(golden(file), ours)]).toEqual([file]);
  }
});

test('a person has their properties and kinds', async () => {
  const { api, person } = await meeting();
  for (const [file, header] of [
    ['Person210.json', ''],
    ['Person210-utctz.json', 'utc, includeTZOffset'],
  ] as const) {
    const ours = (await api('GET', `/Person/${person}`, undefined, { 'SO-TimeZone': header })).body;
    expect([file, ...differences(golden(file), ours)]).toEqual([file]);
  }
});

test('a company, a recurrence and a webhook have their properties and kinds', async () => {
  const { api, appointment } = await meeting();
  const plain = { 'SO-TimeZone': '' };
  const company = (await api('GET', '/Contact/default', undefined, plain)).body;
  expect(differences(golden('ContactDefault.json'), company)).toEqual([]);
  const { Recurrence, Contact } = (await api('GET', `/Appointment/${appointment}`, undefined, plain)).body;
  expect(differences(golden('RecurrenceInfo.json'), Recurrence)).toEqual([]);
  expect(differences(golden('ContactEntity.json'), Contact)).toEqual([]);
  const webhook = (await api('GET', '/Webhook/default', undefined, plain)).body;
  expect(differences(golden('Webhook.json'), webhook)).toEqual([]);
});

test('the comparison finds what is missing and what is of another kind', () => {
  const theirs = { A: { B: 'x' }, C: ['1'], D: '2026-01-01T00:00:00Z' };
  expect(differences(theirs, { A: {}, C: [1], D: '2026-01-01T00:00:00' })).toHaveLength(3);
  expect(differences(theirs, { A: { B: '' }, C: [], D: '2027-02-02T01:01:01Z' })).toEqual([]);
});

test('their client reads both alike', async () => {
  const { api, appointment, person } = await meeting();
  const kinds = (value: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, item]) =>
        item === null || item === undefined ? [] : [[name, kindOf(item)]],
      ),
    );
  const read = [
    ['Create_AppointmentEntity_From', 'Appointment63-utctz.json', `/Appointment/${appointment}`],
    ['Create_PersonEntity_From', 'Person210-utctz.json', `/Person/${person}`],
  ] as const;
  for (const [converter, file, path] of read) {
    const convert = converters[converter];
    if (convert === undefined) throw new Error(`${converter} is not there`);
    const theirs = kinds(convert(golden(file)));
    const ours = kinds(convert((await api('GET', path)).body));
    for (const [name, kind] of Object.entries(ours)) expect([name, theirs[name] ?? kind]).toEqual([name, kind]);
    expect(Object.keys(ours).length).toBeGreaterThan(40);
  }
});

const kindOf = (value: unknown): string => (value === null ? 'null' : Object.prototype.toString.call(value));
