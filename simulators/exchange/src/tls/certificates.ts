// Makes an authority of its own and what it signs: a good certificate of the server, and bad ones by which a client's checks are tested.
// The library behind it needs the polyfill of the first import, and time to load: only a simulator with TLS imports this file.
import 'reflect-metadata';
import { randomBytes, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Certificates, KeyedCertificate } from './tls-front.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Clients refuse certificates of servers that are valid for longer than 398 days. */
const validDays = 397;
/** Clocks that are a little behind must not find it too new. */
const backdatedDays = 1;
/** Nobody reaches the simulator under this name. */
const wrongHostName = 'elsewhere.invalid';

interface Authority {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509Certificate;
}

/** @param hosts names and addresses under which clients reach the server; the first one is the subject */
export async function makeCertificates(hosts: readonly string[]): Promise<Certificates> {
  const nowMs = Date.now();
  const authority = await makeAuthority(nowMs);
  const days = (from: number, until: number): Lifetime => ({
    notBefore: new Date(nowMs + from * dayMs),
    notAfter: new Date(nowMs + until * dayMs),
  });
  const usual = days(-backdatedDays, validDays - backdatedDays);
  return {
    authorityPem: authority.certificate.toString('pem'),
    byKind: {
      valid: await makeServerCertificate(hosts, usual, authority),
      expired: await makeServerCertificate(hosts, days(-30, -1), authority),
      wrongHost: await makeServerCertificate([wrongHostName], usual, authority),
      selfSigned: await makeServerCertificate(hosts, usual, undefined),
    },
  };
}

interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

async function makeAuthority(nowMs: number): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Exchange simulator authority ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(nowMs - backdatedDays * dayMs),
    notAfter: new Date(nowMs + 3650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

/** @param authority signs it; the server itself when it is undefined */
async function makeServerCertificate(
  hosts: readonly string[],
  lifetime: Lifetime,
  authority: Authority | undefined,
): Promise<KeyedCertificate> {
  const keys = await makeKeys();
  const subject = `CN=${hosts[0]}`;
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(
      hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
    ),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(authority?.keys.publicKey ?? keys.publicKey),
  ];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority?.certificate.subject ?? subject,
    ...lifetime,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: (authority?.keys ?? keys).privateKey,
    extensions,
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Random and positive, as RFC 5280 4.1.2.2 asks. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex');
}
