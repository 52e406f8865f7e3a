// The answers of an overloaded front end: HTTP without SOAP.
import type { NoiseKind } from '../throttle/noise.ts';
import type { Exchange } from './exchange.ts';

interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const unavailable =
  '<html><head><title>Service Unavailable</title></head><body><h2>Service Unavailable</h2><p>HTTP Error 503. The service is unavailable.</p></body></html>';
const applicationError =
  "<html><head><title>Runtime Error</title></head><body><h1>Server Error in '/EWS' Application.</h1></body></html>";

const answers: Readonly<Record<Exclude<NoiseKind, 'reset'>, PlainAnswer>> = {
  http503: { status: 503, headers: { 'Retry-After': '30' }, body: unavailable },
  html500: { status: 500, headers: {}, body: applicationError },
  http401: { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="exchange.lockstep.test"' }, body: '' },
  redirect: {
    status: 302,
    headers: { Location: '/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx' },
    body: '',
  },
};

/** @param retryAfterMs how long the front end asks to stay away, when it says so */
export function answerPlainly(exchange: Exchange, kind: NoiseKind, retryAfterMs?: number): void {
  if (kind === 'reset') {
    exchange.reset();
    return;
  }
  const { status, headers, body } = answers[kind];
  const { response, record } = exchange;
  record.status = status;
  record.fault ??= kind;
  const hint =
    kind === 'http503' && retryAfterMs !== undefined ? { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) } : {};
  response.writeHead(status, {
    ...exchange.headers,
    ...headers,
    ...hint,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
