// What lies in the streams and buckets, for people who review a saved release: one line a message, values decoded.
// It is read while NATS still runs; what a test restores is the folder that NATS itself wrote.
import { inflateRawSync } from 'node:zlib';
import { bucketStream } from '@lockstep/bus/bucket';
import { buckets, streams } from '@lockstep/contracts';
import type { JetStreamManager, NatsConnection, StoredMsg } from 'nats';

export interface StreamContents {
  readonly stream: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly messages: number;
  /** One JSON text a message, in the order of their sequences. */
  readonly lines: readonly string[];
}

/** Entries of these expire within seconds: there is nothing to save. */
const passing: readonly string[] = ['leases', 'sessions'];

export async function describe(nats: NatsConnection): Promise<readonly StreamContents[]> {
  const manager = await nats.jetstreamManager();
  const kept = Object.keys(buckets).filter((name) => !passing.includes(name));
  const contents: StreamContents[] = [];
  for (const stream of [...Object.keys(streams), ...kept.map(bucketStream)])
    contents.push(await contentsOf(manager, stream));
  return contents;
}

async function contentsOf(manager: JetStreamManager, stream: string): Promise<StreamContents> {
  const { state } = await manager.streams.info(stream);
  const lines: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage(stream, { seq }).catch((error: Error) => {
      // Replaced by a newer one of its subject, or worked on and gone.
      if (/no message found/i.test(error.message)) return undefined;
      throw error;
    });
    if (message !== undefined) lines.push(lineOf(message));
  }
  const { first_seq: firstSequence, last_seq: lastSequence, messages } = state;
  if (lines.length !== messages) throw new Error(`${stream} holds ${messages} messages, read were ${lines.length}`);
  return { stream, firstSequence, lastSequence, messages, lines };
}

function lineOf(message: StoredMsg): string {
  const headers = Object.fromEntries([...message.header].map(([name, values]) => [name, values.join(', ')]));
  const { seq, subject, timestamp: at } = message;
  return JSON.stringify({ seq, subject, at, headers, value: decoded(subject, message.data) });
}

function decoded(subject: string, data: Uint8Array): unknown {
  if (data.length === 0) return null;
  const isPacked = subject.startsWith(`$KV.${buckets.links.name}.`);
  return JSON.parse((isPacked ? inflateRawSync(data) : Buffer.from(data)).toString('utf8'));
}
