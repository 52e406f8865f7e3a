// Decides what a section becomes by a write, before anything is stored: merge, check, and seal or keep its secrets.
// A kept secret must have been sealed for the account and hosts that the section will have. A section that cannot be read is
// replaced or restored, never amended: nobody can say what would stay.
import {
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
  const { stored, standard, settings } = section.declared;
  if (current === undefined && write.kind === 'amend')
    return failure('stored-record-damaged', { detail: section.declared.name });
  const before: Stored =
    write.kind === 'amend' && current !== undefined ? current : { ...laterSettings(current, settings), ...standard };
  const reading = stored.check(merged(plainFields(section, before), plainFields(section, write.fields)));
  if (reading.kind !== 'ok') return failure('request-invalid', { field: 'body' });
  const fault = section.fault(reading.value);
  if (fault !== undefined) return { ok: false, error: fault };
  let next = reading.value;
  for (const field of Object.keys(section.secrets)) {
    const said = write.fields[field];
    const kept = secretOf(current, field);
    const sealed =
      said === null
        ? success(undefined)
        : typeof said === 'string'
          ? await newSecret(section, next, field, said, seal)
          : keptSecret(section, next, field, kept);
    if (!sealed.ok) return sealed;
    if (sealed.value !== undefined) next = { ...next, [field]: sealed.value };
  }
  return success(next);
}

/**
 * What the section becomes when an older revision is restored. A present secret stays where it fits, since an older
 * one is mostly a password that has expired; else the one that was sealed for that older account comes back.
 */
export function restored<T extends Stored>(section: Section<T>, current: T | undefined, older: T): Outcome<T> {
  const fault = section.fault(older);
  if (fault !== undefined) return { ok: false, error: fault };
  let next = older;
  for (const field of Object.keys(section.secrets)) {
    const secret = secretOf(current, field);
    if (secret !== undefined && mayBeUsed(section, older, field, secret)) next = { ...next, [field]: secret };
  }
  return success(next);
}

async function newSecret<T extends Stored>(
  section: Section<T>,
  next: T,
  field: string,
  secret: string,
  seal: Seal | undefined,
): Promise<Outcome<SealedSecret | undefined>> {
  const use = section.secrets[field];
  if (use === undefined || seal === undefined) return failure('request-invalid', { field });
  const purpose = use.purpose(next);
  const needed = (missing: string) =>
    failure('request-invalid', {
      field: missing,
      message: `${missing} must be filled before or together with the ${field}`,
    });
  const missing = use.accountFields.find((name) => next[name] === '');
  if (missing !== undefined) return needed(missing);
  if (purpose.hosts.length === 0) return needed(use.hostField);
  const fault = use.fault?.(secret, next);
  if (fault !== undefined) return failure('request-invalid', { field, message: `${field} ${fault}` });
  return seal(secret, purpose);
}

function keptSecret<T extends Stored>(
  section: Section<T>,
  next: T,
  field: string,
  secret: SealedSecret | undefined,
): Outcome<SealedSecret | undefined> {
  if (secret === undefined || mayBeUsed(section, next, field, secret)) return success(secret);
  return failure('request-invalid', {
    field,
    message: `${field} is needed again in the same request, because ${section.secrets[field]?.boundTo} changes; null removes it`,
  });
}

function mayBeUsed<T extends Stored>(section: Section<T>, settings: T, field: string, secret: SealedSecret): boolean {
  const sealed = sealedPurpose(secret);
  const use = section.secrets[field];
  return use !== undefined && sealed !== undefined && purposeCovers(sealed, use.purpose(settings));
}

function secretOf(settings: Stored | undefined, field: string): SealedSecret | undefined {
  const secret = (settings as Fields | undefined)?.[field];
  return isSealed(secret) ? secret : undefined;
}

const isSealed = (value: unknown): value is SealedSecret => isFields(value) && typeof value['jwe'] === 'string';

/** What is no secret. */
function plainFields<T extends Stored>(section: Section<T>, fields: object): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !Object.hasOwn(section.secrets, name)));
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
