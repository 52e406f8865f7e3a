// Which TCP ports of this machine can be listened on.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** True when nobody listens on this port of the loopback address. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

const firstTestPort = 20_000;
const lastTestPort = 32_000;

/**
 * So many different ports that were free a moment ago. They lie below those that systems give to outgoing connections
 * (32768 and up), so that no other program is handed one before it is listened on.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(firstTestPort, lastTestPort);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}
