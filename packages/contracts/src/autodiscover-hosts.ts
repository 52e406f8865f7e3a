// Which hosts a mailbox address may be asked at. The settings service seals a password for them, the gateway asks them; both take
// them from here.

/** `host:port` of the places that an address has; empty for one without a domain of at least two labels. */
export function hostsOfAddress(address: string): readonly string[] {
  const domain = domainOfAddress(address);
  return domain === undefined ? [] : [`${domain}:443`, `autodiscover.${domain}:443`];
}

/**
 * The domain as it is written in host names; never a part of it, and never a single label: clients that looked further up
 * (`autodiscover.com`) gave away hundreds of thousands of passwords (Guardicore, 2021).
 */
export function domainOfAddress(address: string): string | undefined {
  const written = /^[^@\s]+@([^@\s/\\:?#]+)$/.exec(address)?.[1] ?? '';
  if (!URL.canParse(`https://${written}`)) return undefined;
  const { hostname } = new URL(`https://${written}`);
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(hostname) ? hostname : undefined;
}
