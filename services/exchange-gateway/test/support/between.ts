// Stands between the gateway and the Exchange simulator and spoils what it is told to: answers that no well server gives.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface Passing {
  readonly status: number;
  readonly text: string;
}

/** What becomes of the answer to a request; undefined leaves it as it is. */
export type Spoil = (asked: string, answer: Passing) => Passing | undefined;

export interface Between {
  readonly url: string;
  /** Every request body that passed, the oldest first. */
  readonly asked: string[];
  spoil: Spoil;
  close(): Promise<void>;
}

/** A fault for the whole request, as Exchange sends it. */
export function faultAnswer(code: string): Passing {
  return {
    status: 500,
    text: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>a:${code}</faultcode><faultstring>failed</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode></detail></s:Fault></s:Body></s:Envelope>`,
  };
}

/** @param target the simulator's address, without a path */
export async function standBetween(target: string): Promise<Between> {
  const between = { asked: [] as string[], spoil: (() => undefined) as Spoil };
  const server = createServer((incoming, outgoing) => {
    void pass(target, incoming, outgoing, between).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(between, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function pass(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  between: Pick<Between, 'asked' | 'spoil'>,
): Promise<void> {
  const asked = await textOf(incoming);
  between.asked.push(asked);
  const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = request(`${target}${incoming.url}`, { method: 'POST', headers }, resolve).on('error', reject);
    outgoing.on('close', () => onward.destroy());
    onward.end(asked);
  });
  const status = answer.statusCode ?? 500;
  if (asked.includes('GetStreamingEvents')) {
    outgoing.writeHead(status, answer.headers);
    // A stream that breaks off has to break off behind us, too.
    await pipeline(answer, outgoing);
    return;
  }
  const passing = { status, text: await textOf(answer) };
  const spoiled = between.spoil(asked, passing) ?? passing;
  const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
  outgoing.writeHead(spoiled.status, { ...kept, 'content-length': Buffer.byteLength(spoiled.text) });
  outgoing.end(spoiled.text);
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
