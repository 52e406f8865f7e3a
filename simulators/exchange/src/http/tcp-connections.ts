// The TCP connections below those of a server with TLS. Node can reset these alone, and knows no others while hands are shaken.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Server, TLSSocket } from 'node:tls';

export class TcpConnections {
  readonly #byPeer = new Map<string, Socket>();

  /** Every connection of the server from now on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.#byPeer.set(peer, socket);
      socket.once('close', () => {
        if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer);
      });
    });
  }

  /** Ends a connection, with TLS or without, so that the client sees a reset. */
  reset(socket: Socket): void {
    (this.#byPeer.get(peerOf(socket)) ?? socket).resetAndDestroy();
  }

  destroyAll(): void {
    for (const socket of this.#byPeer.values()) socket.destroy();
  }
}

/** Whether a request came over TLS. */
export function isOverTls({ socket }: IncomingMessage): boolean {
  return socket instanceof TLSSocket;
}

function peerOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
