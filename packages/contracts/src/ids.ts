// Ids that must not be taken for one another: each is a text of its own type. What has no such type is an id of Exchange or
// SuperOffice, which stands beside its side and kind (item.ts), or an id that only correlates log lines.
import { Type } from 'typebox';
import { Uuid } from './shape.ts';

/** One pair of items; the stamp on both names it. Given once, never reused. */
export type LinkId = string & { readonly __brand: 'LinkId' };
export const LinkId = Type.Unsafe<LinkId>(Type.String());

/** What the governor gave; goes out to Exchange as `client-request-id`. */
export type TokenId = string & { readonly __brand: 'TokenId' };
export const TokenId = Type.Unsafe<TokenId>(Uuid);

/** One life of a gateway process, as the governor knows it. */
export type SessionId = string & { readonly __brand: 'SessionId' };
export const SessionId = Type.Unsafe<SessionId>(Uuid);

/** One wish for a token; asked again, it gets the same one. */
export type RequestId = string & { readonly __brand: 'RequestId' };
export const RequestId = Type.Unsafe<RequestId>(Uuid);
