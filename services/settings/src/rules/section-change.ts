// Decides what a section becomes by a write, before anything is stored: merge, check, and seal or keep its secret.
// A kept secret must have been sealed for the account and hosts that the section will have. A section that cannot be read is
// replaced or restored, never amended: nobody can say what would stay.
import {
  codedError,
  failure,
  type Outcome,
  purposeCovers,
  type SealedPurpose,
  type SealedSecret,
  success,
} from '@lockstep/contracts';
import { sealedPurpose } from './sealing.ts';
import type { Section, Stored } from './sections.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A write as it came in: `replace` begins from the defaults, `amend` from what is stored. Both keep what only a later release knows. */
export interface SectionWrite {
  readonly kind: 'replace' | 'amend';
  readonly fields: Fields;
}

/** Seals a secret of a section for a purpose; a section without a secret has none. */
export type Seal = (secret: string, purpose: SealedPurpose) => Promise<Outcome<SealedSecret>>;

/** What the section becomes by this write, or which field is refused. Nothing is stored here. `current`: undefined when damaged. */
export async function changed<T extends Stored>(
  section: Section<T>,
  current: T | undefined,
  write: SectionWrite,
  seal: Seal | undefined,
): Promise<Outcome<T>> {
  const { password, ...fields } = write.fields;
  const { stored, standard, settings } = section.declared;
  if (current === undefined && write.kind === 'amend')
    return failure('stored-record-damaged', { detail: section.declared.name });
  const { password: _, ...base }: Stored =
    write.kind === 'amend' && current !== undefined ? current : { ...laterSettings(current, settings), ...standard };
  const reading = stored.check(merged({ ...base }, fields));
  if (reading.kind !== 'ok') return failure('request-invalid', { field: 'body' });
  const next = reading.value;
  const fault = section.fault(next);
  if (fault !== undefined) return { ok: false, error: fault };
  if (password === null) return success(next);
  if (typeof password === 'string') return withNewSecret(section, next, password, seal);
  return withKeptSecret(section, next, current?.password);
}

/**
 * What the section becomes when an older revision is restored. The present secret stays where it fits, since an older
 * one is mostly a password that has expired; else the one that was sealed for that older account comes back.
 */
export function restored<T extends Stored>(section: Section<T>, current: T | undefined, older: T): Outcome<T> {
  const fault = section.fault(older);
  if (fault !== undefined) return { ok: false, error: fault };
  const password = current?.password;
  const fits = password !== undefined && mayBeUsed(section, older, password);
  return success(fits ? { ...older, password } : older);
}

async function withNewSecret<T extends Stored>(
  section: Section<T>,
  next: T,
  password: string,
  seal: Seal | undefined,
): Promise<Outcome<T>> {
  const { secret } = section;
  if (secret === undefined || seal === undefined) return failure('request-invalid', { field: 'password' });
  const purpose = secret.purpose(next);
  const needed = (field: string) =>
    failure('request-invalid', { field, message: `${field} must be filled before or together with the password` });
  if (purpose.account === '') return needed('userName');
  if (purpose.hosts.length === 0) return needed(secret.hostField);
  const sealed = await seal(password, purpose);
  return sealed.ok ? success({ ...next, password: sealed.value }) : sealed;
}

function withKeptSecret<T extends Stored>(
  section: Section<T>,
  next: T,
  password: SealedSecret | undefined,
): Outcome<T> {
  if (password === undefined) return success(next);
  if (mayBeUsed(section, next, password)) return success({ ...next, password });
  return {
    ok: false,
    error: codedError('request-invalid', {
      field: 'password',
      message:
        'password is needed again in the same request, because the account, its domain, the authentication or a host changes; null removes it',
    }),
  };
}

function mayBeUsed<T extends Stored>({ secret }: Section<T>, settings: T, password: SealedSecret): boolean {
  const sealed = sealedPurpose(password);
  return secret !== undefined && sealed !== undefined && purposeCovers(sealed, secret.purpose(settings));
}

/** What is stored and declared by no setting of this release. */
function laterSettings(current: Stored | undefined, settings: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(
    Object.entries(current ?? {}).filter(([name]) => name !== 'v' && !Object.hasOwn(settings, name)),
  );
}

/** `fields` over `base`, objects within objects too. */
function merged(base: Fields, fields: Fields): Fields {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(fields)) {
    const old = result[name];
    result[name] = isFields(value) && isFields(old) ? merged(old, value) : value;
  }
  return result;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
