// Whom push notifications are sent to: a real HTTP server that keeps what it was told and answers as a test says.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Told {
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export type AnswerPush = (response: ServerResponse, told: Told) => void;

const result = (status: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:SendNotificationResult xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><m:SubscriptionStatus>${status}</m:SubscriptionStatus></m:SendNotificationResult></s:Body></s:Envelope>`;

/** Answers with this status. */
export const say =
  (status: string): AnswerPush =>
  (response) => {
    response.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8' });
    response.end(result(status));
  };

export const fail: AnswerPush = (response) => {
  response.writeHead(500);
  response.end();
};

export class PushReceiver {
  readonly told: Told[] = [];
  answer: AnswerPush = say('OK');
  /** Messages that came and were not answered, now and at most. */
  open = 0;
  mostOpen = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #server = createServer((request, response) => {
    this.#receive(request, response).catch(() => response.destroy());
  });

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    response.once('close', () => {
      this.open -= 1;
      this.#wakeAll();
    });
    const told = { body: await text(request), headers: request.headers };
    this.told.push(told);
    this.answer(response, told);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until what it has been told, or has open, is so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The message of that number, from 0, when it comes. */
  async message(number: number): Promise<string> {
    await this.until(() => this.told.length > number);
    return this.told[number]?.body ?? '';
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/push`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
