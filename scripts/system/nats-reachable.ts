// Whether a NATS server greets at an address that the user gave, told at once and with the address.
import { connect } from 'node:net';
import { wait } from '@lockstep/bus/wait';

const attempts = 5;
const attemptMs = 1_000;

/** Throws with advice when no server greets at any of the addresses (separated by commas) within five seconds. */
export async function requireNats(urls: string, signal?: AbortSignal): Promise<void> {
  const hosts = urls.split(',').map((text) => hostAndPort(text.trim()));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const greeted = await Promise.all(hosts.map((host) => greets(host)));
    if (greeted.includes(true)) return;
    await wait(attemptMs / 2, signal);
    signal?.throwIfAborted();
  }
  const tried = hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
  throw new Error(
    `No NATS server answers at ${tried}, which NATS_URL names. Start it, or unset NATS_URL to have one started.`,
  );
}

interface Host {
  /** A server of NATS over TLS may wait for the handshake before it speaks: there it is enough that something listens. */
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
}

/** The address without what else may stand in it: it is shown, and may hold a password. */
function hostAndPort(text: string): Host {
  const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
  if (url === null || url.hostname === '')
    throw new Error('NATS_URL is no address; it should look like nats://host:4222.');
  return { isTls: url.protocol === 'tls:', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 4222) };
}

/** A NATS server speaks first. */
function greets({ isTls, host, port }: Host): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    if (isTls) socket.once('connect', () => end(true));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('INFO')));
    socket.once('error', () => end(false));
    socket.setTimeout(attemptMs, () => end(false));
  });
}
