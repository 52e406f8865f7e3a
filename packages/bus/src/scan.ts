// Reads many messages of a stream once, with a consumer that vanishes by itself.
// Only for streams that keep what is read: a work queue allows one consumer a subject.
import { codedError } from '@lockstep/contracts';
import type { Msg } from 'nats';
import { BusError } from './bus.ts';
import { toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { deliveredInfo, toNanos } from './delivered.ts';
import { callApi, refused } from './jetstream.ts';

export interface ScanFrom {
  readonly stream: string;
  readonly filter: string;
  /** `newest`: the last message of every subject. A number: everything from this stream sequence on. */
  readonly from: 'newest' | number;
  readonly headersOnly: boolean;
}

/** A consumer that was made and has not been read; `count` messages wait. */
export interface Scan {
  readonly count: number;
  /** Every message in order. Throws `BusError` when the server stops delivering. */
  read(): Promise<readonly Msg[]>;
  discard(): Promise<void>;
}

const batchSize = 500;
const vanishesAfterMs = 10_000;
const quietMs = 100;
/** Five seconds without anything: NATS is away. */
const maxSilences = 50;
/** The server's status "404 No Messages". */
const noMessages = 404;

export async function startScan(connection: Connection, wanted: ScanFrom): Promise<Scan> {
  const start =
    wanted.from === 'newest'
      ? { deliver_policy: 'last_per_subject' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: wanted.from };
  const config = {
    filter_subject: wanted.filter,
    ack_policy: 'none',
    replay_policy: 'instant',
    headers_only: wanted.headersOnly,
    inactive_threshold: toNanos(vanishesAfterMs),
    mem_storage: true,
    num_replicas: 1,
    ...start,
  };
  const created = await callApi<{ name: string; num_pending: number }>(connection, `CONSUMER.CREATE.${wanted.stream}`, {
    stream_name: wanted.stream,
    config,
  });
  if (created.kind === 'fault') throw refused(created.fault, wanted.stream);
  const { name, num_pending: count } = created.value;
  const discard = async () => {
    await callApi(connection, `CONSUMER.DELETE.${wanted.stream}.${name}`, undefined);
  };
  return {
    count,
    discard,
    async read() {
      const messages = count === 0 ? [] : await readAll(connection, wanted.stream, name, count);
      await discard();
      return messages;
    },
  };
}

/**
 * Asks for batch after batch until as many came as were there at the start, or none is left. Messages that expire or are
 * replaced meanwhile were counted and need not come: silence is a reason to ask again, not to wait.
 */
function readAll(connection: Connection, stream: string, consumer: string, count: number): Promise<readonly Msg[]> {
  const inbox = connection.newInbox();
  const messages: Msg[] = [];
  return new Promise((resolve, reject) => {
    let silences = 0;
    let inBatch = 0;
    const next = () => {
      inBatch = 0;
      const wanted = toBytes({ batch: batchSize, no_wait: true });
      connection.nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, wanted, { reply: inbox });
    };
    const finish = (error?: BusError) => {
      clearInterval(timer);
      subscription.unsubscribe();
      if (error === undefined) resolve(messages);
      else reject(error);
    };
    const fail = () => finish(new BusError(codedError('bus-unavailable', { detail: `scan of ${stream}` })));
    const timer = setInterval(() => {
      if (++silences > maxSilences) fail();
      else next();
    }, quietMs);
    const subscription = connection.nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null) return fail();
        if (message.subject === inbox) {
          if (message.headers?.code === noMessages) finish();
          return;
        }
        silences = 0;
        timer.refresh();
        messages.push(message);
        // They come in the order of the stream: after `count`, all that were there and still are have come.
        if (messages.length >= count || deliveredInfo(message).pending === 0) return finish();
        if (++inBatch === batchSize) next();
      },
    });
    next();
  });
}
