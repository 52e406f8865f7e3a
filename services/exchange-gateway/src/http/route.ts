// By which way a server is reached: directly or through a proxy, and whose certificates are trusted. Connections of one route are
// never used for another.
import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** Older versions can be broken; Exchange has spoken 1.2 since 2013. */
export const leastTlsVersion = 'TLSv1.2';

export interface ProxySettings {
  /** `http://host:port` */
  readonly url: URL;
  /** For Basic at the proxy; it is sent to the proxy alone. */
  readonly account?: { readonly userName: string; readonly password: string };
}

export interface RouteSettings {
  /** Trusted beside the usual authorities; PEM, one or several. */
  readonly authorities: string;
  readonly proxy?: ProxySettings;
}

export interface Route {
  /** Equal for equal routes, and shows no secret. */
  readonly key: string;
  readonly proxy: ProxySettings | undefined;
  /** Made once, since reading all authorities takes milliseconds. Absent where the usual ones are enough. */
  readonly secureContext: SecureContext | undefined;
}

/** @throws when the authorities cannot be read */
export function makeRoute({ authorities, proxy }: RouteSettings): Route {
  const own = authorities.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  // OpenSSL leaves out in silence what it cannot read.
  for (const pem of own ?? []) void new X509Certificate(pem);
  const said = JSON.stringify([own, proxy?.url.href, proxy?.account]);
  return {
    key: createHash('sha256').update(said).digest('base64url'),
    proxy,
    secureContext:
      own === null
        ? undefined
        : createSecureContext({ ca: [...getCACertificates('default'), ...own], minVersion: leastTlsVersion }),
  };
}
