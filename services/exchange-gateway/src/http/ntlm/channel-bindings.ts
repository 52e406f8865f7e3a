// What binds a logon to the TLS connection under it (Extended Protection): somebody who stands between, with a certificate of his own,
// cannot use it. Source: RFC 5929 §4 (tls-server-end-point), [MS-NLMP] 2.2.2.1 (MD5 of gss_channel_bindings_struct, RFC 2744).
import { createHash, type X509Certificate } from 'node:crypto';

/** The 16 bytes for a server's certificate. */
export function channelBindingsOf(certificate: Pick<X509Certificate, 'raw' | 'signatureAlgorithm'>): Buffer {
  return channelBindings(createHash(hashFor(certificate.signatureAlgorithm)).update(certificate.raw).digest());
}

/** The same from the certificate's hash. */
export function channelBindings(certificateHash: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), certificateHash]);
  // Type and length of the addresses of both ends, which are not bound, then the length of the data.
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

/** The hash that signed the certificate, and SHA-256 for what is weaker or says none. */
function hashFor(signatureAlgorithm: string | undefined): string {
  const [, bits] = /sha-?(256|384|512)/i.exec(signatureAlgorithm ?? '') ?? [];
  return `sha${bits ?? '256'}`;
}
