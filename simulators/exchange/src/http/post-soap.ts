// A SOAP request of the server itself, to whoever subscribed to push notifications.
import { once } from 'node:events';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { readBody } from './body.ts';

const maxAnswerBytes = 64 * 1024;

/** The body of the answer. @throws Error for anything but a 200 with a text in it within the time; after an abort */
export async function postSoap(
  url: URL,
  action: string,
  envelope: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string> {
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
  const headers = {
    'Content-Type': 'text/xml; charset=utf-8',
    Accept: 'text/xml',
    SOAPAction: action,
    'Content-Length': Buffer.byteLength(envelope),
    Connection: 'close',
  };
  const request = url.protocol === 'https:' ? requestOverTls : requestPlain;
  const sent = request(url, { method: 'POST', headers, signal, agent: false });
  const answered = once(sent, 'response');
  // Once there is an answer, whoever reads its body is told what goes wrong.
  sent.on('error', () => {});
  sent.end(envelope);
  const [answer] = (await answered) as [IncomingMessage];
  const body = await readBody(answer, maxAnswerBytes);
  if (answer.statusCode !== 200 || body.kind !== 'text') throw new Error(`The answer was ${answer.statusCode}.`);
  return body.text;
}
