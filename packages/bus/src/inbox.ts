// Replies come to inboxes below a prefix of the user's own, so that no other user can be allowed, or forget to be refused,
// to read them. nats-config.ts permits exactly this prefix.

/** `_INBOX` without a user: a server without users protects nothing. */
export const inboxPrefixOf = (user: string | undefined): string =>
  user === undefined ? '_INBOX' : `_INBOX_${user.replace(/[^A-Za-z0-9_-]/g, '_')}`;
