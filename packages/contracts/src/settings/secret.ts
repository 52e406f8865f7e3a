// A secret setting: it goes in as text and never comes out. Stored is a JWE that only the using service can open, bound to
// account, authentication and hosts by its protected header (docs/architecture.md §8).
import { type TOptional, Type } from 'typebox';
import { type Data, Instant } from '../shape.ts';
import type { Setting, SettingWords } from './setting.ts';

/** A secret for one service, bound to account, authentication and hosts by the protected header (`SealedPurpose`). */
export const SealedSecret = Type.Object({ jwe: Type.String(), changedAt: Instant });
export type SealedSecret = Data<typeof SealedSecret>;

/** The protected header fields of the JWE that say what the secret may be used for. `hosts` holds `host:port`. */
export const SealedPurpose = Type.Object({
  use: Type.Union([Type.Literal('exchange'), Type.Literal('superoffice')]),
  account: Type.String(),
  authentication: Type.String(),
  hosts: Type.Array(Type.String(), { minItems: 1 }),
});
export type SealedPurpose = Data<typeof SealedPurpose>;

/** What a read shows of a secret. */
export const SecretView = Type.Object(
  { set: Type.Boolean(), changedAt: Type.Optional(Instant) },
  { description: 'Whether a secret is set, and since when. The secret itself is never shown.' },
);

/** A secret has no default: it is absent until somebody sets it. */
export function secret({
  title,
  description,
  since,
  examples = [],
}: Omit<SettingWords<string>, 'default'>): Setting<TOptional<typeof SealedSecret>> {
  const text = Type.String({ minLength: 1, maxLength: 16_384 });
  return {
    stored: Type.Optional(SealedSecret),
    input: Type.Union([text, Type.Null(), SecretView], {
      title,
      description,
      examples,
      'x-since': since,
      'x-allowed': 'the secret (1 to 16384 characters), null to remove it, or what a read showed to keep it',
    }),
    view: SecretView,
    filled: (stored) => stored,
    since,
    secret: true,
  };
}
