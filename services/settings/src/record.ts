// What is stored beside every settings value: who wrote it and when.
import { type Data, recordVersion, SettingsRecord } from '@lockstep/contracts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** Any settings record; its value is checked by who knows the section. */
export const AnyRecord = SettingsRecord(Type.Unknown());
export type AnyRecord = Data<typeof AnyRecord>;

const writtenVersion = 1;
const Versioned = Type.Object({ v: recordVersion });

/** Who asks for a change, and which revision they have seen; without `ifMatch` the last writer wins. */
export interface Writer {
  readonly author: string;
  readonly ifMatch?: readonly string[] | undefined;
}

export const record = (value: unknown, author: string, at: string): AnyRecord => ({
  v: writtenVersion,
  author,
  at,
  value,
});

/** Stops a service of an older release from writing over what a newer one stored (design: evolution). */
export function assertReadable(key: string, value: unknown): void {
  if (Value.Check(Versioned, value) && value.v > writtenVersion)
    throw new Error(`settings ${key} were stored by a newer release (version ${value.v})`);
}

export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
