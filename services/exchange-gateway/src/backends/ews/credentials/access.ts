// How Exchange is reached with the settings as they are: address, header, whose mailbox. What is incomplete is told by field.
import {
  exchangeAccount,
  failure,
  isLoopback,
  type Outcome,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import { openPassword } from './sealed-password.ts';

export interface Access {
  readonly url: URL;
  readonly authorization: string;
  readonly kind: TechnicalSettings['access'];
  /** Changes with account, password and address: what was learned about the old ones means nothing any more. */
  readonly fingerprint: string;
}

export interface AccessReaderOptions {
  readonly technical: () => TechnicalSettings;
  /** File with the private key (JWK). */
  readonly keyFile: string | undefined;
}

/** Keeps the opened password of the current settings in memory, and nothing of older ones. */
export class AccessReader {
  readonly #options: AccessReaderOptions;
  #known: { readonly fingerprint: string; readonly authorization: string } | undefined;

  constructor(options: AccessReaderOptions) {
    this.#options = options;
  }

  /** Fails with `exchange-not-configured` (and the field), or with what hinders the opening of the password. */
  async current(): Promise<Outcome<Access>> {
    const settings = this.#options.technical();
    const url = checkedUrl(settings);
    if (!url.ok) return url;
    if (settings.userName === '') return failure('exchange-not-configured', { field: 'userName' });
    if (settings.authentication !== 'basic') {
      return failure('exchange-not-configured', { field: 'authentication', detail: 'only basic is supported' });
    }
    if (settings.password === undefined) return failure('credential-missing', { field: 'password' });
    const fingerprint = fingerprintOf(settings);
    if (this.#known?.fingerprint !== fingerprint) {
      const password = await openPassword(settings.password, settings, settings.ewsUrl, this.#options.keyFile);
      if (!password.ok) return password;
      this.#known = { fingerprint, authorization: basic(exchangeAccount(settings), password.value) };
    }
    const { authorization } = this.#known;
    return success({ url: url.value, authorization, kind: settings.access, fingerprint });
  }
}

/** Equal as long as account, password and address are. */
export function fingerprintOf(settings: TechnicalSettings): string {
  const { authentication, ewsUrl, oabUrl, autodiscoverUrl, password } = settings;
  return JSON.stringify([exchangeAccount(settings), authentication, ewsUrl, oabUrl, autodiscoverUrl, password?.jwe]);
}

function checkedUrl(settings: TechnicalSettings): Outcome<URL> {
  const { ewsUrl } = settings;
  if (!URL.canParse(ewsUrl)) return failure('exchange-not-configured', { field: 'ewsUrl' });
  const url = new URL(ewsUrl);
  if (url.protocol === 'https:') return success(url);
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return success(url);
  return failure('exchange-not-configured', {
    field: 'ewsUrl',
    detail: 'https is required: http would show the password',
  });
}

function basic(account: string, password: string): string {
  return `Basic ${Buffer.from(`${account}:${password}`, 'utf8').toString('base64')}`;
}
