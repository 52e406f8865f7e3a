// An HTTP proxy that tunnels (CONNECT) and nothing else, and keeps what it was asked for.
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyUnderTest {
  readonly url: string;
  /** `host:port` of each tunnel that was asked for, and the account that was shown. */
  readonly asked: { readonly target: string; readonly account: string | undefined }[];
  /** Tunnels that are open. */
  readonly open: ReadonlySet<Socket>;
  /** Where tunnels to a `host:port` go instead, for names that do not exist. */
  readonly standIns: Map<string, string>;
  /** Answers this status to whoever asks; 0 tunnels. */
  refuse: number;
  close(): Promise<void>;
}

/** @param account `user:password`, when it asks for one */
export async function startProxy(account?: string): Promise<ProxyUnderTest> {
  const server = createServer((_, response) => response.writeHead(405).end());
  const open = new Set<Socket>();
  const proxy = { asked: [] as ProxyUnderTest['asked'], open, standIns: new Map<string, string>(), refuse: 0 };
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const shown = request.headers['proxy-authorization'];
    const said = shown === undefined ? undefined : Buffer.from(shown.replace(/^Basic /, ''), 'base64').toString('utf8');
    const target = request.url ?? '';
    proxy.asked.push({ target, account: said });
    socket.on('error', () => undefined);
    const refusal = proxy.refuse || (account !== undefined && said !== account ? 407 : 0);
    if (refusal > 0) {
      socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(proxy.standIns.get(target) ?? target) ?? [];
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      onward.destroy();
    });
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
        server.closeAllConnections();
      }),
  });
}
