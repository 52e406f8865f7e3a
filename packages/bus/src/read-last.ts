// The newest messages of one subject. JetStream can start at a sequence but not "n before the end", so the start moves back
// until enough are behind it: about one step for each factor of four between the subject's share and the whole stream.
import type { Data, StreamMessage } from '@lockstep/contracts';
import type { TSchema } from 'typebox';
import type { Checker } from './check.ts';
import type { Connection } from './connection.ts';
import { callApi, refused } from './jetstream.ts';
import { startScan } from './scan.ts';

interface StreamState {
  readonly state: { readonly first_seq: number; readonly last_seq: number };
}

/** At most `max`, newest last. Messages that cannot be read are counted and left out. */
export async function readLast<T extends TSchema>(
  connection: Connection,
  checker: Checker,
  declared: StreamMessage<T>,
  subject: string,
  max: number,
): Promise<readonly Data<T>[]> {
  const { stream } = declared;
  const info = await callApi<StreamState>(connection, `STREAM.INFO.${stream}`, undefined);
  if (info.kind === 'fault') throw refused(info.fault, stream);
  const last = info.value.state.last_seq;
  // A stream that never held a message says 0.
  const first = Math.max(1, info.value.state.first_seq);
  for (let span = Math.max(64, max * 4); ; span *= 4) {
    const from = Math.max(first, last - span + 1);
    const scan = await startScan(connection, { stream, filter: subject, from, headersOnly: false });
    if (scan.count < max && from > first) {
      await scan.discard();
      continue;
    }
    return (await scan.read()).slice(-max).flatMap((message) => {
      const read = checker.read(declared.message, message.data);
      if (read.ok) return [read.value];
      connection.onEvent({ kind: 'unreadable', source: stream, reason: `${read.field} ${read.reason}` });
      return [];
    });
  }
}
