// Requests are written by ews-javascript-api, sent by our transport through its hook `XHRApi`, and the answers are read by our own
// reader: the library would read them 3 to 20 times slower and lose the order of changes. One service object a call (3 µs), since
// everything on it is shared state.
import {
  ConnectingIdType,
  ExchangeService,
  ExchangeVersion,
  ImpersonatedUserId,
  type IXHRApi,
  type IXHROptions,
  TimeZoneInfo,
  Uri,
  WebCredentials,
} from 'ews-javascript-api';

/** Whose mailbox a call works on, and how. `account`: the account's own view, without a mailbox. */
export type Target =
  | { readonly kind: 'impersonation'; readonly address: string }
  | { readonly kind: 'delegation'; readonly address: string }
  | { readonly kind: 'account' };

/** Sends the body of a request and gives back the text of its answer. */
export type Send<T> = (body: string) => Promise<T>;

/** Calls the library, so that it writes one request. */
export type Build = (service: ExchangeService) => Promise<unknown>;

/** Not a failure: ends the library's part of the call as soon as the answer is there. */
class Answered<T> extends Error {
  readonly answer: T;
  constructor(answer: T) {
    super('answered');
    this.answer = answer;
  }
}

/** Lets the library write the request for this target, sends it, and gives back what `send` gave. Throws what `send` throws. */
export async function sendBuilt<T>(target: Target, build: Build, send: Send<T>): Promise<T> {
  const service = new ExchangeService(ExchangeVersion.Exchange2013_SP1, TimeZoneInfo.Utc);
  // The library wants an address and credentials; the real ones are known to the transport alone.
  service.Url = new Uri('http://exchange.invalid/EWS/Exchange.asmx');
  service.Credentials = new WebCredentials('none', 'none');
  service.XHRApi = ownTransport(send);
  if (target.kind === 'impersonation') {
    service.ImpersonatedUserId = new ImpersonatedUserId(ConnectingIdType.SmtpAddress, target.address);
  }
  try {
    await build(service);
  } catch (thrown) {
    if (thrown instanceof Answered) return thrown.answer as T;
    throw thrown;
  }
  throw new Error('the library ended a call without sending it');
}

function ownTransport<T>(send: Send<T>): IXHRApi {
  return {
    apiName: 'lockstep',
    xhr: async (options: IXHROptions) => {
      throw new Answered(await send(String(options.data)));
    },
    xhrStream: () => Promise.reject(new Error('streams are opened by the streaming reader')),
    disconnect: () => undefined,
  };
}
