// Reading, writing and restoring the sections technical, superoffice and sync. The body is the section itself; its revision
// is the ETag. A secret is shown as `{set, changedAt}`: neither its text nor its seal leaves by this API.
import { type Data, failure, Instant, type SealedSecret } from '@lockstep/contracts';
import { type TObject, Type } from 'typebox';
import { Value } from 'typebox/value';
import { changed, restored, type Seal, type SectionWrite } from '../rules/section-change.ts';
import type { Section, Stored } from '../rules/sections.ts';
import type { Revision, Writer } from '../store/record.ts';
import type { SectionStore } from '../store/section-store.ts';
import { problemResponses, unwrap } from './problem.ts';
import type { Api } from './types.ts';
import { etagHeader, etagOf, WriteHeaders, writerOf } from './write-headers.ts';

const RevisionParams = Type.Object({ revision: Type.Integer({ minimum: 0 }) });

const RevisionRow = Type.Object({
  revision: Type.Integer(),
  author: Type.String(),
  at: Instant,
  changed: Type.Optional(
    Type.Array(Type.String(), {
      description: 'The fields that differ from the revision before; absent for the oldest.',
    }),
  ),
});

/** Adds the routes of one section below `/settings/<section>`. */
export function sectionRoutes<T extends Stored>(api: Api, store: SectionStore<T>, seal?: Seal): void {
  const { name, title, input, view } = store.section.declared;
  const path = `/settings/${name}`;
  const tags = [title];
  const shown = Type.With(view, etagHeader);
  const heading = title.toLowerCase();

  api.get(
    path,
    {
      schema: {
        tags,
        operationId: `${name}-read`,
        summary: `Read the ${heading}`,
        response: { 200: shown, ...problemResponses },
      },
    },
    async (_, reply) => {
      const current = unwrap(await store.read());
      return reply.header('etag', etagOf(current.revision)).send(viewOf(current, store.section.declared));
    },
  );

  const write = (kind: SectionWrite['kind'], body: unknown, writer: Writer) =>
    store.change((current) => changed(store.section, current, { kind, fields: fieldsOf(body) }, seal), writer);

  const writing = (kind: SectionWrite['kind'], summary: string) => ({
    schema: {
      tags,
      operationId: `${name}-${kind}`,
      summary,
      headers: WriteHeaders,
      body: input,
      response: { 200: shown, ...problemResponses },
    },
  });

  api.put(
    path,
    writing('replace', `Replace the ${heading}; what is left out becomes the default. Repairs a damaged section`),
    async (request, reply) => {
      const next = unwrap(await write('replace', request.body, writerOf(request.headers)));
      return reply.header('etag', etagOf(next.revision)).send(viewOf(next, store.section.declared));
    },
  );

  api.patch(path, writing('amend', `Change some of the ${heading}; what is left out stays`), async (request, reply) => {
    const next = unwrap(await write('amend', request.body, writerOf(request.headers)));
    return reply.header('etag', etagOf(next.revision)).send(viewOf(next, store.section.declared));
  });

  revisionRoutes(api, store);
}

function revisionRoutes<T extends Stored>(api: Api, store: SectionStore<T>): void {
  const { name, title, view } = store.section.declared;
  const path = `/settings/${name}/revisions`;
  const tags = [title];
  const heading = title.toLowerCase();
  const Found = Type.Object({ revision: Type.Integer(), author: Type.String(), at: Instant, settings: view });

  api.get(
    path,
    {
      schema: {
        tags,
        operationId: `${name}-revisions`,
        summary: `List the revisions of the ${heading}, newest first, at most 64`,
        response: { 200: Type.Object({ revisions: Type.Array(RevisionRow) }), ...problemResponses },
      },
    },
    async () => ({ revisions: rowsOf(await store.revisions()) }),
  );

  api.get(
    `${path}/:revision`,
    {
      schema: {
        tags,
        operationId: `${name}-revision`,
        summary: `Read one revision of the ${heading}`,
        params: RevisionParams,
        response: { 200: Found, ...problemResponses },
      },
    },
    async (request, reply) => {
      const found = unwrap(await find(store, request.params.revision));
      const { revision, author = '', at = '' } = found;
      return reply.send({ revision, author, at, settings: viewOf(found, store.section.declared) });
    },
  );

  api.post(
    `${path}/:revision/restore`,
    {
      schema: {
        tags,
        operationId: `${name}-restore`,
        summary: `Make an older revision of the ${heading} the newest`,
        description:
          'The present secret stays when it was set for the same account and hosts; else the one of that revision comes back.',
        params: RevisionParams,
        headers: WriteHeaders,
        response: { 200: Type.With(view, etagHeader), ...problemResponses },
      },
    },
    async (request, reply) => {
      const older = unwrap(await find(store, request.params.revision));
      const restore = async (current: T | undefined) => restored(store.section, current, older.settings);
      const next = unwrap(await store.change(restore, writerOf(request.headers)));
      return reply.header('etag', etagOf(next.revision)).send(viewOf(next, store.section.declared));
    },
  );
}

async function find<T extends Stored>(store: SectionStore<T>, revision: number) {
  const found = (await store.revisions()).find((each) => each.revision === revision);
  return found === undefined
    ? failure('settings-not-found', { field: 'revision' })
    : ({ ok: true, value: found } as const);
}

/** Exactly the fields of the view, and of a secret only whether and since when it is set. */
function viewOf<T extends Stored>({ settings }: Revision<T>, { view, settings: declared }: Declared): Data<TObject> {
  const fields: Readonly<Record<string, unknown>> = { ...(settings as Stored) };
  const shown = Object.keys(view.properties).map((name) => [
    name,
    declared[name]?.secret ? secretView(fields[name] as SealedSecret | undefined) : fields[name],
  ]);
  return Object.fromEntries(shown);
}

const secretView = (secret: SealedSecret | undefined) =>
  secret === undefined ? { set: false } : { set: true, changedAt: secret.changedAt };

type Declared = Section<Stored>['declared'];

function rowsOf<T extends Stored>(revisions: readonly Revision<T>[]) {
  return revisions.map(({ revision, author = '', at = '', settings }, index) => {
    const before = revisions[index + 1]?.settings;
    return before === undefined
      ? { revision, author, at }
      : { revision, author, at, changed: differing(before, settings) };
  });
}

function differing(before: Stored, after: Stored): readonly string[] {
  const old: Record<string, unknown> = { ...before };
  const now: Record<string, unknown> = { ...after };
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names].filter((name) => !Value.Equal(old[name], now[name]));
}

/** The validator has seen that the body is an object. */
const fieldsOf = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null ? { ...body } : {};
