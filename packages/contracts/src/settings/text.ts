// The kinds of text that settings hold.
import { Type } from 'typebox';

export const line = Type.String({
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  'x-allowed': 'one line of at most 256 characters',
});

/** More is checked by the settings service: whether a secret would be sent readably. */
export const url = Type.String({
  maxLength: 2048,
  'x-allowed': 'empty or an http or https address of at most 2048 characters',
});

/** Certificates as text. What they hold is checked by the settings service. */
export const pem = (maxLength: number) =>
  Type.String({
    maxLength,
    'x-allowed': `empty or certificates as PEM text (BEGIN CERTIFICATE …) of at most ${maxLength} characters`,
  });
