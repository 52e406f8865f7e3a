// The ids that the ledger and the queue keep apart; the same types as those of the token protocol.

export type TokenId = string & { readonly __brand: 'TokenId' };
export type SessionId = string & { readonly __brand: 'SessionId' };
export type RequestId = string & { readonly __brand: 'RequestId' };
