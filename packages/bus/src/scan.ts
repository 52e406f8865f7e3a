// Reads many messages of a stream once, with a consumer that vanishes by itself.
// Only for streams that keep what is read: a work queue allows one consumer a subject.
import { codedError } from '@lockstep/contracts';
import type { Msg } from 'nats';
import { BusError } from './bus.ts';
import { toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { deliveredInfo, toNanos } from './delivered.ts';
import { apiTimeoutMs, callApi, refused } from './jetstream.ts';

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
      const messages = count === 0 ? [] : await readAll(connection, wanted.stream, name);
      await discard();
      return messages;
    },
  };
}

/** Asks for batch after batch until a message says that none is left. */
function readAll(connection: Connection, stream: string, consumer: string): Promise<readonly Msg[]> {
  const inbox = connection.newInbox();
  const messages: Msg[] = [];
  return new Promise((resolve, reject) => {
    const fail = () => finish(new BusError(codedError('bus-unavailable', { detail: `scan of ${stream}` })));
    let timer = setTimeout(fail, apiTimeoutMs);
    const subscription = connection.nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null) return fail();
        // A status message, for example that the request has expired; the timer decides.
        if (message.subject === inbox) return;
        clearTimeout(timer);
        timer = setTimeout(fail, apiTimeoutMs);
        messages.push(message);
        if (deliveredInfo(message).pending === 0) return finish();
        if (messages.length % batchSize === 0) next();
      },
    });
    const next = () =>
      connection.nats.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
        toBytes({ batch: batchSize, expires: toNanos(apiTimeoutMs) }),
        { reply: inbox },
      );
    const finish = (error?: BusError) => {
      clearTimeout(timer);
      subscription.unsubscribe();
      if (error === undefined) resolve(messages);
      else reject(error);
    };
    next();
  });
}
