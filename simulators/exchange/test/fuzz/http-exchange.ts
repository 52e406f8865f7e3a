// Asks over real HTTP and always comes back: with an answer, with a cut connection, or with the news that nothing came.
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { readAnswers } from './raw-answer.ts';

export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly text: string }
  /** The server closed the connection without an answer. */
  | { readonly kind: 'cut' }
  /** Neither, for as long as anybody would wait. */
  | { readonly kind: 'nothing' };

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

const patienceMs = 5000;

export class HttpExchange {
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(port: number) {
    this.port = port;
  }

  /** A well-formed request on a connection that is kept. */
  ask({ method, path, headers, body }: Ask): Promise<Outcome> {
    return withPatience((settle) => {
      let complete = false;
      const request = httpRequest({ host: '127.0.0.1', port: this.port, agent: this.#agent, method, path, headers });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => settle({ kind: 'cut' }));
        response.on('end', () => {
          complete = true;
          const type = response.headers['content-type'] ?? '';
          settle({ kind: 'answer', status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() });
        });
      });
      request.on('error', () => settle({ kind: 'cut' }));
      request.end(body);
      return () => {
        if (!complete) request.destroy(); // else the connection is for the next request
      };
    });
  }

  /**
   * Bytes that may not even be HTTP, on a connection of their own.
   * @param another sends another request and resolves with its end. After two of them the server has read these bytes, and
   * what is still unanswered waits for more: then the connection is half-closed
   */
  askRaw(bytes: Buffer, another: () => Promise<unknown>): Promise<Outcome> {
    return withPatience((settle) => {
      const socket: Socket = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true });
      let received = Buffer.alloc(0);
      const endAfterTwo = async (): Promise<void> => {
        for (let sent = 0; sent < 2 && !socket.destroyed; sent += 1) await another();
        socket.end();
      };
      const conclude = (closed: boolean): void => {
        const answers = readAnswers(received, closed);
        const [first] = answers;
        if (first !== undefined) settle(first);
        else if (closed) settle({ kind: 'cut' });
      };
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        conclude(false);
      });
      socket.on('error', () => settle({ kind: 'cut' }));
      socket.on('close', () => conclude(true));
      socket.on('end', () => socket.end());
      socket.on('connect', () => {
        socket.write(bytes, () => void endAfterTwo());
      });
      return () => socket.destroy();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function withPatience(start: (settle: (outcome: Outcome) => void) => () => void): Promise<Outcome> {
  return new Promise((resolve) => {
    let abandon: (() => void) | undefined;
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      abandon?.();
    };
    const timer = setTimeout(() => settle({ kind: 'nothing' }), patienceMs);
    abandon = start(settle);
  });
}
