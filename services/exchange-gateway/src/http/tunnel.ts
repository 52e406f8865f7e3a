// A tunnel through an HTTP proxy (CONNECT, RFC 9110 §9.3.6). What goes through it, the proxy sees for plain http alone; its account
// goes to the proxy alone.
import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { ProxySettings } from './route.ts';

/** The proxy let nobody through. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.name = 'ProxyRefusal';
    this.status = status;
  }
}

/** Opens a tunnel to `host:port`. Calls back once, with the socket or with what hindered it. */
export function openTunnel(
  proxy: ProxySettings,
  target: { readonly hostname: string; readonly port: number },
  timeoutMs: number,
  done: (error: Error | null, socket: Socket | null) => void,
): void {
  const { url, account } = proxy;
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port}`;
  const asked = request({
    method: 'CONNECT',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    path: authority,
    agent: false,
    headers: { Host: authority, ...(account === undefined ? {} : { 'Proxy-Authorization': basic(account) }) },
  });
  let settled = false;
  const settle = (error: Error | null, socket: Socket | null) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    done(error, socket);
  };
  const timer = setTimeout(() => asked.destroy(Object.assign(new Error('the proxy is silent'), late)), timeoutMs);
  asked.on('connect', (answer, socket: Socket, head) => {
    const status = answer.statusCode ?? 0;
    if (status === 200 && !settled) {
      if (head.length > 0) socket.unshift(head);
      return settle(null, socket);
    }
    socket.destroy();
    settle(new ProxyRefusal(status), null);
  });
  asked.on('error', (error) => settle(error, null));
  asked.end();
}

const late = { code: 'ETIMEDOUT' };

function basic({ userName, password }: NonNullable<ProxySettings['account']>): string {
  return `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`;
}
