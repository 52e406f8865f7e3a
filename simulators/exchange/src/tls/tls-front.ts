// What the TLS port shows to clients: which of its certificates, and which versions it speaks. Both can be set while it runs.
import type { SecureContextOptions, SecureVersion } from 'node:tls';

/** PEM texts. */
export interface KeyedCertificate {
  readonly key: string;
  readonly cert: string;
}

export const certificateKinds = ['valid', 'expired', 'wrongHost', 'selfSigned'] as const;
export type CertificateKind = (typeof certificateKinds)[number];

export interface Certificates {
  readonly authorityPem: string;
  readonly byKind: Readonly<Record<CertificateKind, KeyedCertificate>>;
}

export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];

export interface TlsSettings {
  readonly certificate: CertificateKind;
  readonly minVersion: (typeof tlsVersions)[number];
  readonly maxVersion: (typeof tlsVersions)[number];
}

export const defaultTls: TlsSettings = { certificate: 'valid', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' };

export class TlsFront {
  readonly authorityPem: string;
  readonly #certificates: Certificates['byKind'];
  #settings = defaultTls;
  #onChange: () => void = () => {};

  constructor({ authorityPem, byKind }: Certificates) {
    this.authorityPem = authorityPem;
    this.#certificates = byKind;
  }

  get settings(): TlsSettings {
    return this.#settings;
  }

  set(settings: TlsSettings): void {
    this.#settings = settings;
    this.#onChange();
  }

  /** Told whenever the settings were set. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** For the server that listens. */
  secureContext(): SecureContextOptions {
    const { certificate, minVersion, maxVersion } = this.#settings;
    const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
    // OpenSSL speaks the old versions at its lowest security level alone.
    const ciphers = old ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {};
    return { ...this.#certificates[certificate], minVersion, maxVersion, ...ciphers };
  }
}
