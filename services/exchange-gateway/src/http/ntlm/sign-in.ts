// Signs a connection in with NTLM and sends a request on it. The logon belongs to the connection: what is sent on it later needs no
// header, and another account must never get it. The refusals that the handshake consists of are no answers; only the last one is.
import { randomBytes, type X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Connection } from '../connection-pool.ts';
import { exchangeOnce, type HttpAnswer, type HttpRequest } from '../exchange-once.ts';
import { TransportError } from '../transport-error.ts';
import { channelBindingsOf } from './channel-bindings.ts';
import { authenticateMessage, type NtlmAccount, negotiateMessage, readChallenge } from './messages.ts';

/** What domain controllers show as the place of the logon. */
const workstation = 'LOCKSTEP';
const maxHandshakeBytes = 64 * 1024;

export interface SignedInParts {
  readonly account: NtlmAccount;
  /** Asked before each request that follows on the first one of the same token. */
  readonly mayGoOn: () => boolean;
  readonly monotonic: () => number;
}

/** Sends `request` as the account. A 401 is its refusal. Rejects with `TransportError`; what failed before the request is unsent. */
export async function sendSignedIn(
  connection: Connection,
  request: HttpRequest,
  { account, mayGoOn, monotonic }: SignedInParts,
): Promise<HttpAnswer> {
  const { client, line } = connection;
  const endsAt = monotonic() + request.timeoutMs;
  // Between two pieces of a stream, for all of another answer.
  const timeoutMs = () =>
    request.onData === undefined ? Math.max(1, Math.floor(endsAt - monotonic())) : request.timeoutMs;
  let begun = false;
  const mayStart = () => {
    if (begun) return mayGoOn();
    begun = request.mayStart();
    return begun;
  };
  if (line.signedIn) {
    const answer = await exchangeOnce(client, { ...request, mayStart }, monotonic);
    // The server forgets a logon now and then, and does nothing of what it refuses.
    if (answer.status !== 401) return answer;
    line.signedIn = false;
  }
  const negotiate = negotiateMessage();
  const { onData: _, ...plain } = request;
  const ask = async (scheme: string): Promise<HttpAnswer> => {
    const headers = { ...request.headers, Authorization: `${scheme} ${negotiate.toString('base64')}` };
    const opening = { ...plain, headers, mayStart, timeoutMs: timeoutMs(), maxBytes: maxHandshakeBytes };
    return unsent(exchangeOnce(client, { ...opening, body: Buffer.alloc(0) }, monotonic));
  };
  let scheme = 'NTLM';
  let answered = await ask(scheme);
  if (answered.status === 401 && !offers(answered, 'NTLM') && offers(answered, 'Negotiate')) {
    scheme = 'Negotiate';
    answered = await ask(scheme);
  }
  const challenge = answered.status === 401 ? challengeIn(answered, scheme) : undefined;
  if (challenge === undefined) return answered;
  const { socket } = line;
  const channelBindings = bindingsOf(socket);
  const third = authenticateMessage({
    account,
    negotiate,
    challenge,
    clientChallenge: randomBytes(8),
    nowMs: Date.now(),
    service: `HTTP/${new URL(connection.origin).hostname}`,
    workstation,
    ...(channelBindings === undefined ? {} : { channelBindings }),
  });
  const headers = { ...request.headers, Authorization: `${scheme} ${third.toString('base64')}` };
  // On another connection the third message would be worth nothing, and its refusal would count as one of the password.
  const sameLine = () => line.socket === socket;
  const proving = { ...request, headers, timeoutMs: timeoutMs(), mayStart: () => sameLine() && mayStart() };
  const answer = await exchangeOnce(client, proving, monotonic).catch((error: unknown) => {
    const moved = error instanceof TransportError && !error.sent && !sameLine();
    throw moved ? new TransportError('network', false, 'NTLM_CONNECTION_CLOSED') : error;
  });
  line.signedIn = answer.status !== 401 && sameLine();
  return answer;
}

/** Nothing of the request itself went out as long as the handshake lasts. */
async function unsent(exchanging: Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await exchanging;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new TransportError(error.failure, false, error.systemCode);
  }
}

function challengeIn(answer: HttpAnswer, scheme: string) {
  for (const offer of offersOf(answer)) {
    const [name = '', token] = offer.split(/\s+/);
    if (name.toLowerCase() !== scheme.toLowerCase() || token === undefined) continue;
    return readChallenge(Buffer.from(token, 'base64'));
  }
  return undefined;
}

const offers = (answer: HttpAnswer, scheme: string): boolean =>
  offersOf(answer).some((offer) => new RegExp(`^${scheme}(\\s|$)`, 'i').test(offer));

/** One header a scheme, or several in one, divided by commas. */
function offersOf({ headers }: HttpAnswer): readonly string[] {
  const said: string | readonly string[] | undefined = headers['www-authenticate'];
  return (said === undefined ? [] : [said].flat()).flatMap((header) => header.split(',').map((offer) => offer.trim()));
}

function bindingsOf(socket: unknown): Buffer | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : channelBindingsOf(certificate);
}
