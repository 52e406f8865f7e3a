// Checks a Kubernetes object against the published schemas. Those let unknown fields pass, so that a misspelt one would be
// dropped in silence; therefore the object is watched while it is checked: a field that the schema never asks for is unknown.
interface Validator {
  (data: unknown): boolean;
  readonly errors?:
    | readonly { readonly instancePath: string; readonly message?: string; readonly params: object }[]
    | null;
}

/** What is wrong with an object; empty when it is what the schema of its apiVersion and kind describes. */
export async function kubernetesFaults(object: object): Promise<readonly string[]> {
  const { apiVersion, kind } = object as { readonly apiVersion?: string; readonly kind?: string };
  const [version = '', group = 'core'] = (apiVersion ?? '').split('/').reverse();
  const name = [group.replace(/\.k8s\.io$/, ''), version, kind ?? ''].map(capitalized).join('');
  const { validate } = (await import(`kubernetes-models/_schemas/IoK8sApi${name}`)) as { readonly validate: Validator };
  const unread = new Set<string>();
  validate(watched(object, '', unread));
  const faults = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message ?? JSON.stringify(params)}`,
  );
  return [...faults, ...[...unread].map((field) => `${field}: unknown field`)];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The same object, which strikes every field from `unread` when it is asked for. */
function watched(value: unknown, at: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const children = Object.entries(value).map(([key, child]) => {
    const path = `${at}/${key}`;
    unread.add(path);
    return [key, child, path] as const;
  });
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  for (const [key, child, path] of children) {
    let inner: unknown;
    Object.defineProperty(copy, key, {
      enumerable: true,
      get: () => {
        if (unread.delete(path)) inner = watched(child, path, unread);
        return inner;
      },
    });
  }
  return copy;
}
