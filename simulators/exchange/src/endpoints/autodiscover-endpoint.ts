// Everything under /autodiscover/: the unauthenticated probe, POX, SOAP and JSON.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, directionsFor } from '../autodiscover/directions.ts';
import { poxAddress, poxAnswer, poxInvalid } from '../autodiscover/pox.ts';
import { soapAnswer } from '../autodiscover/soap.ts';
import { readBody } from '../http/body.ts';
import { isOverTls } from '../http/tcp-connections.ts';
import type { Simulator } from '../simulator.ts';
import type { XmlElement } from '../xml/element.ts';
import { XmlError } from '../xml/lexical.ts';
import { readXml } from '../xml/reader.ts';

const maxBodyBytes = 1024 * 1024;
const maxDepth = 32;

export async function serveAutodiscover(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.toLowerCase();
  const host = `${isOverTls(request) ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
  if (path.startsWith('/autodiscover/autodiscover.json')) {
    const { status, body, headers } = json(simulator, url, host);
    end(response, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
    return;
  }
  const isPox = path === '/autodiscover/autodiscover.xml';
  if (!isPox && path !== '/autodiscover/autodiscover.svc') return end(response, 404, 'text/plain', 'Not found\n');
  const body = await readBody(request, maxBodyBytes);
  const access = simulator.authenticator.authenticate(request);
  if (access.kind === 'refused')
    return end(response, access.status, 'text/plain', '', { ...access.headers, ...probeHeaders(simulator) });
  const document = body.kind === 'text' ? parse(body.text) : undefined;
  if (isPox) return pox(simulator, document, host, response);
  if (document !== undefined) simulator.recorder?.record('autodiscover-soap', body.kind === 'text' ? body.text : '');
  const answer = soapAnswer(document, (address) => directionsFor(simulator, address, host));
  simulator.recorder?.record('autodiscover-soap', answer);
  end(response, 200, 'text/xml; charset=utf-8', answer);
}

/** Clients of the SOAP service look for these on the 401 of a plain GET before they go on. */
function probeHeaders({ access }: Simulator): Readonly<Record<string, string>> {
  const common = { 'X-SOAP-Enabled': 'True', 'X-WSSecurity-Enabled': 'False' };
  return access.schemes.includes('Bearer') ? { ...common, 'X-OAuth-Enabled': 'True' } : common;
}

function parse(text: string): XmlElement | undefined {
  try {
    return readXml(text, { maxDepth });
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

function pox(simulator: Simulator, document: XmlElement | undefined, host: string, response: ServerResponse): void {
  const address = document === undefined ? undefined : poxAddress(document);
  const answer = address === undefined ? undefined : directionsFor(simulator, address, host);
  if (answer !== undefined && plainly(answer, response)) return;
  const nowMs = simulator.clock.nowMs();
  const body = answer === undefined ? poxInvalid(nowMs) : poxAnswer(answer, nowMs);
  simulator.recorder?.record('autodiscover-pox-response', body);
  end(response, 200, 'text/xml; charset=utf-8', body);
}

/** Answers that are HTTP alone. */
function plainly(answer: Answer, response: ServerResponse): boolean {
  if (answer.kind === 'http302') end(response, 302, 'text/html', '', { Location: answer.target });
  else if (answer.kind === 'unauthorized')
    end(response, 401, 'text/plain', '', { 'WWW-Authenticate': 'Basic realm="exchange.lockstep.test"' });
  else return false;
  return true;
}

interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function json(simulator: Simulator, url: URL, host: string): JsonAnswer {
  const inPath = /^\/autodiscover\/autodiscover\.json\/v1\.0\/([^/]+)$/i.exec(url.pathname)?.[1];
  const address = url.searchParams.get('Email') ?? (inPath === undefined ? '' : decodeURIComponent(inPath));
  const protocol = url.searchParams.get('Protocol') ?? '';
  const answer = directionsFor(simulator, address, host);
  if (answer.kind === 'redirectUrl' || answer.kind === 'http302') {
    return { status: 302, body: {}, headers: { Location: answer.target } };
  }
  if (answer.kind !== 'settings') return failure(404, 'UserNotFound', 'The given user is not found.');
  const urls = { EWS: answer.values['ExternalEwsUrl'] ?? '', AutodiscoverV1: `${host}/autodiscover/autodiscover.xml` };
  const found = Object.entries(urls).find(([name]) => name.toLowerCase() === protocol.toLowerCase());
  if (found === undefined) return failure(400, 'InvalidProtocol', `The given protocol value '${protocol}' is invalid.`);
  return { status: 200, body: { Protocol: found[0], Url: found[1] } };
}

function failure(status: number, ErrorCode: string, ErrorMessage: string): JsonAnswer {
  return { status, body: { ErrorCode, ErrorMessage } };
}

function end(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
