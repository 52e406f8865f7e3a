// The one rule for what counts as this machine itself, where nobody can read on the way: a readable secret goes over plain
// http there and nowhere else (docs/architecture.md §8).

/**
 * True for `localhost`, `127.0.0.0/8` and `[::1]`, as `URL.hostname` writes them. Other names below `.localhost` are no part of
 * it: a resolver may send them anywhere.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
